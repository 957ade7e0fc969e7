import { expect, it } from 'vitest'
import { hourMs } from '#shared/clocks.ts'
import { makeSnsOutside, snsAddress } from './sns-certificates.ts'
import { selfMade } from './sources/sns.fixture.ts'

const now = Date.UTC(2026, 10, 22, 0, 50, 30)
const valid = selfMade(now - hourMs, now + 48 * hourMs)
const address = 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem'
const topic = 'arn:aws:sns:eu-west-1:123456789012:alarms'

function outside(answer: (address: string) => Uint8Array | Promise<Uint8Array> = () => valid.pem) {
  const visited: string[] = []
  const clock = { at: now, now: () => clock.at }
  const made = makeSnsOutside({
    clock,
    download: async (address) => {
      visited.push(address)
      return answer(address)
    },
  })
  return { ...made, visited, clock }
}

it.each([
  'https://sns.eu-west-1.amazonaws.com/x.pem',
  'https://sns.us-gov-west-1.amazonaws.com/x.pem',
  'https://sns.cn-north-1.amazonaws.com.cn/x.pem',
  'https://SNS.EU-WEST-1.amazonaws.com:443/x.pem',
])('S9: %s is an address of SNS', (address) => {
  expect(snsAddress(address)).not.toBeNull()
})

it.each([
  'http://sns.eu-west-1.amazonaws.com/x.pem',
  'https://sns.eu-west-1.amazonaws.com.evil.example/x.pem',
  'https://evil.example/sns.eu-west-1.amazonaws.com/x.pem',
  'https://evil.example#sns.eu-west-1.amazonaws.com/x.pem',
  'https://sns.eu-west-1.amazonaws.com@evil.example/x.pem',
  'https://user:word@sns.eu-west-1.amazonaws.com/x.pem',
  'https://sns.eu-west-1.amazonaws.com:8443/x.pem',
  'https://sns.eu.west.amazonaws.com/x.pem',
  'https://sns.eu-west-1.amazonaws.com./x.pem',
  'https://sns.a.amazonaws.com/x.pem',
  'https://xsns.eu-west-1.amazonaws.com/x.pem',
  'https://bucket.s3.amazonaws.com/x.pem',
  'https://sns.eu-west-1.amazonaws.com.cn.evil/x.pem',
  'https://169.254.169.254/latest/meta-data',
  'https://[::1]/x.pem',
  'file:///etc/passwd',
  'nope',
  '',
  null,
  7,
])('S9: %j is none, and is never visited', async (address) => {
  expect(snsAddress(address)).toBeNull()
  const { certificateKey, confirm, visited } = outside()
  expect(await certificateKey(String(address))).toBeNull()
  expect(await confirm(`${address}?Action=ConfirmSubscription&TopicArn=${topic}`, topic)).toBe(false)
  expect(visited).toEqual([])
})

it('a certificate is fetched once a day, also by two at once', async () => {
  const { certificateKey, visited, clock } = outside()
  const [one, two] = await Promise.all([certificateKey(address), certificateKey(address)])
  expect(one?.asymmetricKeyType).toBe('rsa')
  expect(two).toBe(one)
  clock.at += 23 * hourMs
  await certificateKey(address)
  expect(visited).toEqual([address])
  clock.at += hourMs
  await certificateKey(address)
  expect(visited).toEqual([address, address])
})

it('a failure is not kept', async () => {
  let down = true
  const { certificateKey } = outside(() => (down ? Promise.reject(new Error('timeout')) : valid.pem))
  await expect(certificateKey(address)).rejects.toMatchObject({ code: 'not-ready', status: 503 })
  down = false
  expect(await certificateKey(address)).not.toBeNull()
})

it('many addresses do not fill the memory: the oldest is forgotten', async () => {
  const { certificateKey, visited } = outside()
  for (let i = 0; i < 40; i++) await certificateKey(address.replace('0123', String(i)))
  await certificateKey(address.replace('0123', '39'))
  expect(visited).toHaveLength(40)
  await certificateKey(address.replace('0123', '0'))
  expect(visited).toHaveLength(41)
})

it.each([
  ['no certificate at all', Buffer.from('<html>')],
  ['one of the past', selfMade(now - 48 * hourMs, now - hourMs).pem],
  ['one of the future', selfMade(now + hourMs, now + 48 * hourMs).pem],
  ['a short key', selfMade(now - hourMs, now + hourMs, 1024).pem],
])('%s does not count', async (_, pem) => {
  await expect(outside(() => pem).certificateKey(address)).rejects.toMatchObject({ code: 'not-ready' })
})

it.each([address.replace('.pem', '.txt'), `${address}?x=1`])('%s is no address of a certificate', async (odd) => {
  const { certificateKey, visited } = outside()
  expect(await certificateKey(odd)).toBeNull()
  expect(visited).toEqual([])
})

it('a confirmation is visited for its own topic and for nothing else', async () => {
  const { confirm, visited } = outside()
  const url = (action: string, arn: string) =>
    `https://sns.eu-west-1.amazonaws.com/?Action=${action}&TopicArn=${arn}&Token=abc`
  expect(await confirm(url('ConfirmSubscription', topic), topic)).toBe(true)
  expect(await confirm(url('Publish', topic), topic)).toBe(false)
  expect(await confirm(url('ConfirmSubscription', `${topic}x`), topic)).toBe(false)
  expect(visited).toHaveLength(1)
})
