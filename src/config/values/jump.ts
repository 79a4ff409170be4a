import { isHostAddress, isHostName } from './address.js';

/** `none`, or hosts as `ssh -J` takes them: `[user@]host[:port]`, IPv6 addresses in brackets, with commas between them. */
export function isJump(text: string): boolean {
  return text === 'none' || (text.length <= 4096 && text.split(',').every(isHop));
}

function isHop(text: string): boolean {
  const [, bracketed, plain = '', digits = '22'] =
    /^(?:[^\s\p{Cc}@:,-][^\s\p{Cc}@:,]{0,254}@)?(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/u.exec(text) ?? [];
  const isHost = bracketed === undefined ? isHostAddress(plain) || isHostName(plain) : isHostAddress(bracketed);
  return isHost && Number(digits) >= 1 && Number(digits) <= 65_535;
}
