const special = String.raw`\s\p{Cc}'"\x60$\\;&<>|(){},@`;

/**
 * What `ssh` takes as a host: a name, an address, or a word that its configuration knows, without a user. Nothing that a shell would read
 * otherwise, as it may stand in a command of that configuration (ssh_valid_hostname in its readconf.c).
 */
export const sshHost = new RegExp(`^(?!-)[^${special}]{1,1024}$`, 'u');

/** What `ssh` takes as a user: also a name with its domain, `ops@example.com`. */
export const sshUser = /^[^\s\p{Cc}-][^\s\p{Cc}]{0,254}$/u;
