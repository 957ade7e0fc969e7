import { CommandRefused } from '../errors.ts'

/** Words alone: without case, marks and the spaces between them. */
const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []

/** So many words of the situation, as they stand there, are a quotation; fewer are what anybody would say. */
const quotation = 6

export const copiedWords =
  'That is the situation as it was written. Say it in your own words, so that the giver hears what has arrived.'

/**
 * Rule O9: a read-back is in the receiver's own words. Whoever repeats the situation line, or cuts a long piece out of it and adds
 * next to nothing, has shown that they can copy, not that they have understood.
 */
export function isCopied(readBack: string, situation: string): boolean {
  const said = wordsOf(readBack)
  const written = wordsOf(situation)
  if (said.length === 0) return false
  if (said.join(' ') === written.join(' ')) return true
  let longest = 0
  for (let from = 0; from < written.length; from++)
    for (let at = 0; at < said.length; at++) {
      let length = 0
      while (length < said.length - at && said[at + length] === written[from + length]) length++
      longest = Math.max(longest, length)
    }
  return longest >= quotation && longest >= said.length * 0.8
}

/** @throws CommandRefused `read-back-copied` */
export function requireOwnWords(readBack: string, situation: string): void {
  if (isCopied(readBack, situation)) throw new CommandRefused('read-back-copied', copiedWords)
}
