import { z } from 'zod'
import { readMatcher } from '#shared/alertmanager/matcher-syntax.ts'
import { type CompiledMatcher, compileMatcher } from '#shared/matchers.ts'
import type { AlertQuery } from '../../../picture/port.ts'
import { broken } from './refusal.ts'

/** A parameter as it stands in the address; one that is given several times is a list. */
const given = z.union([z.string(), z.array(z.string())]).optional()
const flag = (says: string) => given.describe(says).meta({ examples: ['true', 'false'] })
const matcherList = given.meta({ examples: ['alertname="Slow"'] })
const receiverMatchers = matcherList.describe('Of the receiver’s labels; may be repeated')

/** Parameters that Alertmanager does not know are left alone, as it does. */
export const alertQuerySchema = z.looseObject({
  active: flag('false: without those that nothing holds back'),
  silenced: flag('false: without silenced ones'),
  inhibited: flag('false: without inhibited ones'),
  unprocessed: flag('Taken for older clients: nothing is unprocessed here'),
  filter: matcherList.describe('A matcher; may be repeated'),
  receiver: given.describe('A pattern that the receiver’s whole name must match'),
  receiver_matchers: receiverMatchers,
})
export const groupQuerySchema = alertQuerySchema.omit({ unprocessed: true }).extend({
  muted: flag('false: without groups that a time mutes'),
})
export const silenceQuerySchema = z.looseObject({
  filter: matcherList.describe('A matcher that the silence must have; may be repeated'),
  active: flag('false: without active ones'),
  expired: flag('false: without those that have ended'),
  pending: flag('false: without those to come'),
})
export const receiverQuerySchema = z.looseObject({ receiver_matchers: receiverMatchers })

type Given = z.output<typeof given>

const listOf = (value: Given): string[] => (value === undefined ? [] : typeof value === 'string' ? [value] : value)
/** Of one that is given several times, the last counts. Empty is absent. */
const lastOf = (value: Given): string | null => listOf(value).at(-1) || null

// Source: go-openapi/swag ConvertBool: any other word is false.
const yes = new Set(['true', '1', 'yes', 'ok', 'y', 'on', 'selected', 'checked', 't', 'enabled'])
export function isAskedFor(value: Given): boolean {
  const word = lastOf(value)
  return word === null || yes.has(word.toLowerCase())
}

/** @throws UxbridgeError 400 in Alertmanager's words */
export function matchersOf(value: Given, prefix = ''): CompiledMatcher[] {
  return listOf(value).map((text) => {
    try {
      return readMatcher(text)
    } catch (error) {
      throw broken(prefix + (error as SyntaxError).message)
    }
  })
}

export function receiverMatchersOf(value: Given): CompiledMatcher[] {
  return matchersOf(value, 'failed to parse receiver_matchers param: ')
}

/** @throws UxbridgeError 400 in Alertmanager's words */
export function alertQueryOf(query: z.output<typeof alertQuerySchema> & { muted?: Given }): AlertQuery {
  const filter = matchersOf(query.filter)
  const pattern = lastOf(query.receiver)
  let receiver: AlertQuery['receiver'] = null
  try {
    if (pattern !== null) receiver = compileMatcher({ name: '', op: '=~', value: pattern })
  } catch (error) {
    throw broken(`failed to parse receiver param: ${(error as SyntaxError).message}`)
  }
  return {
    active: isAskedFor(query.active),
    silenced: isAskedFor(query.silenced),
    inhibited: isAskedFor(query.inhibited),
    muted: isAskedFor(query.muted),
    filter,
    receiver,
    receiverMatchers: receiverMatchersOf(query.receiver_matchers),
  }
}
