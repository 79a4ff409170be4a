/** Shell that reloads HAProxy and waits: a reload returns before anything is read; HAProxy has read its file when it has a worker more. */
export const haproxyRead = `children=/proc/$(systemctl show --value --property=MainPID haproxy)/task/*/children
known=" $(cat $children)"; systemctl reload haproxy; new=
until [ "$new" ]; do sleep 0.02; for pid in $(cat $children); do case "$known" in *" $pid "*) ;; *) new=$pid ;; esac; done; done
until [ "$(systemctl is-active haproxy)" = active ]; do sleep 0.02; done`;
