// The names of what a transport keeps in Redis.
//
//   <prefix>:<queue>:*        BullMQ's keys of a queue: the waiting calls, and those that hosts have claimed
//   <prefix>:body:<key>       the bytes of a large call
//   <prefix>:inbox:<peer>     stream: what a peer has not read
//   <prefix>:lease:<peer>     what others see of a peer; it ends with the peer
//   <prefix>:hosts:<queue>    sorted set: the hosts that serve a queue, by the time when they joined

/** The names below one prefix. */
export class Keys {
  readonly prefix: string;

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  /** BullMQ allows no colon in the name of a queue. */
  nameOf(queue: string): string {
    return queue.replace(/[%:]/g, encodeURIComponent);
  }

  /** What BullMQ puts before its keys of a queue. */
  queue(queue: string): string {
    return `${this.prefix}:${this.nameOf(queue)}:`;
  }

  body(call: string): string {
    return `${this.prefix}:body:${call}`;
  }

  inbox(peer: string): string {
    return `${this.prefix}:inbox:${peer}`;
  }

  lease(peer: string): string {
    return `${this.prefix}:lease:${peer}`;
  }

  hosts(queue: string): string {
    return `${this.prefix}:hosts:${this.nameOf(queue)}`;
  }
}
