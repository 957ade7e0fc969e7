/** Crockford's base32: nothing in it is taken for something else when it is read aloud, or written down by hand. */
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const digits = 10

/**
 * The id of a restricted incident. Rule RS9: it says nothing of how many there are, or which came first, and takes no number
 * from the others, who would see the gap. It begins with a letter, so that it is never taken for a number.
 * @param chance 16 or more hex digits that nobody can foresee
 * @returns `INC-` and eight letters and digits: 22 × 2^35 of them
 * @throws RangeError for fewer, or other, digits
 */
export function restrictedIncidentId(chance: string): string {
  if (!/^[0-9a-f]{16,}$/i.test(chance)) throw new RangeError('an id of a restricted incident needs 16 hex digits')
  let left = BigInt(`0x${chance.slice(0, 16)}`)
  const take = (of: number): number => {
    const taken = Number(left % BigInt(of))
    left /= BigInt(of)
    return taken
  }
  let id = `INC-${letters[digits + take(letters.length - digits)]}`
  while (id.length < 'INC-'.length + 8) id += letters[take(letters.length)]
  return id
}

/** The place of an incident in the common sequence; null for one that has an id of its own (`restrictedIncidentId`). */
export function numberOf(incidentId: string): number | null {
  const digits = /^INC-(\d{1,15})$/.exec(incidentId)?.[1]
  return digits === undefined ? null : Number(digits)
}
