// Owns how long a message of an agent may be, and what its sender and its reader are told where it is cut.

/** Bytes of one message that `send_message` takes; what is beyond them is cut. */
export const MOST_MESSAGE_BYTES = 100_000;

/** What arrived of a message that had this many bytes. */
export const whatIsLeft = (size_bytes: number): string =>
  `the first ${MOST_MESSAGE_BYTES} of its ${size_bytes} bytes`;

/** The text of a cut message as its reader sees it. */
export const cutText = (content: string, size_bytes: number): string =>
  `${content}\n[the message was cut here: these are ${whatIsLeft(size_bytes)}]`;
