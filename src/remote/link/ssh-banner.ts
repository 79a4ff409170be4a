/** RFC 4253 (section 4.2): each side greets with a line that begins so. */
const greeting = 'SSH-';

/** Listens for the greeting of an SSH server, in pieces of any size. */
export class Greeting {
  isHeard = false;
  #last = '';

  hear(chunk: Buffer): void {
    if (this.isHeard) return;
    const heard = this.#last + chunk.toString('latin1');
    this.isHeard = heard.includes(greeting);
    this.#last = heard.slice(1 - greeting.length);
  }
}
