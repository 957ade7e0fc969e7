import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { canonicalText } from './sns.ts'

/** One element of DER (X.690). */
function der(tag: number, ...contents: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(contents.map((each) => (typeof each === 'string' ? Buffer.from(each) : each)))
  const bytes = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...bytes]), body])
}

const sequence = (...parts: Buffer[]) => der(0x30, ...parts)
/** sha256WithRSAEncryption, 1.2.840.113549.1.1.11 */
const algorithm = sequence(der(0x06, Buffer.from('2a864886f70d01010b', 'hex')), der(0x05))
const name = sequence(der(0x31, sequence(der(0x06, Buffer.from('550403', 'hex')), der(0x0c, 'sns.amazonaws.com'))))
const instant = (at: number) => der(0x18, `${new Date(at).toISOString().replace(/\D/g, '').slice(0, 14)}Z`)

/** A certificate that vouches for itself, as PEM, and its private key. For tests. */
export function selfMade(from: number, to: number, bits = 2048): { pem: Buffer; key: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: bits })
  const info = publicKey.export({ type: 'spki', format: 'der' })
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    algorithm,
    name,
    sequence(instant(from), instant(to)),
    name,
    info,
  )
  const whole = sequence(body, algorithm, der(0x03, Buffer.from([0]), sign('sha256', body, privateKey)))
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? []
  return {
    pem: Buffer.from(`-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`),
    key: privateKey,
  }
}

/** The message as SNS would send it, signed. For tests. */
export function signed(message: Record<string, unknown>, key: KeyObject): Record<string, unknown> {
  const digest = message.SignatureVersion === '1' ? 'RSA-SHA1' : 'RSA-SHA256'
  const signature = sign(digest, Buffer.from(canonicalText(message) ?? ''), key)
  return { ...message, Signature: signature.toString('base64') }
}
