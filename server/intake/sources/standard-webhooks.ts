import type { RawRequest, Reading, SourceKind } from '../port.ts'
import { houseRefusal } from './answers.ts'
import { deliveredAs } from './keyed.ts'
import { readMapped, readUnmapped } from './mapped.ts'
import { hmacSha256, isBase64Of, mismatched, outsideWindow, unsigned } from './signatures.ts'
import { readSimple } from './simple.ts'

const reads = ['webhook-id', 'webhook-timestamp', 'webhook-signature']

/** By the mapping that the source names, where it names one, else in our own simple shape. */
function read(request: RawRequest): Reading {
  const { mapping, settings } = request
  if (mapping === undefined) return readSimple(request)
  return mapping === null ? readUnmapped(String(settings.mapping ?? '')) : readMapped(request, mapping)
}

/**
 * Standard Webhooks: `v1,<base64 HMAC-SHA256 of "id.timestamp.body">`, several of them separated by spaces.
 * Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md
 * @param secret `whsec_` and base64; a secret without that beginning counts as base64 too
 */
function verify({ headers, body }: RawRequest, secret: string, now: number): string | null {
  const [id, sentAt, signatures] = reads.map((name) => headers[name])
  if (id === undefined || sentAt === undefined || signatures === undefined) return unsigned
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const expected = hmacSha256(key, `${id}.${sentAt}.`, body)
  const genuine = signatures
    .split(' ')
    .slice(0, 10)
    .some((each) => each.startsWith('v1,') && isBase64Of(each.slice(3), expected))
  return genuine ? outsideWindow(sentAt, now) : mismatched
}

/**
 * A secret that is no base64 would be read as some other key, and no signature would ever fit.
 * Source: spec/standard-webhooks.md: `whsec_` and base64 of 24 to 64 bytes
 */
function secretFault(secret: string): string | null {
  const coded = secret.replace(/^whsec_/, '')
  const bytes = Buffer.from(coded, 'base64')
  const isBase64 =
    /^[A-Za-z0-9+/]+={0,2}$/.test(coded) && bytes.toString('base64').replace(/=+$/, '') === coded.replace(/=+$/, '')
  if (!isBase64)
    return 'This is no secret of Standard Webhooks: paste whsec_ and the base64 after it, whole and as it is.'
  if (bytes.length >= 24 && bytes.length <= 64) return null
  return `This secret has ${bytes.length} bytes; Standard Webhooks has 24 to 64. Look whether all of it was copied.`
}

export const webhook: SourceKind = {
  kind: 'webhook',
  title: 'Webhook (JSON, Standard Webhooks)',
  defaultGroup: 'source',
  keyFormat: 'bearer',
  signs: 'ours',
  secretFault,
  settings: [
    {
      name: 'mapping',
      label: 'Mapping',
      help: 'Name of one under `mappings` in the policy, for senders with a JSON shape of their own. Without: our simple shape.',
      type: 'text',
      maxLength: 80,
      example: 'better-stack',
    },
  ],
  adapters: [
    {
      id: 'webhook/intake',
      door: 'intake',
      maxBytes: 4 * 1024 * 1024,
      mediaTypes: null,
      reads,
      verify,
      uses: ['mapping'],
      parse: (request) => deliveredAs(request.headers['webhook-id'], read(request)),
      refuse: houseRefusal,
    },
  ],
  sample: {
    body: '{"title":"A test from the page of this source","status":"firing","severity":"warning","key":"test"}',
  },
  connect: ({ baseUrl, key, sourceId, secret, settings: { mapping } }) => [
    typeof mapping === 'string'
      ? {
          title: `A body as your sender has it, read by the mapping ${mapping}`,
          language: 'shell',
          text: `curl -sS ${baseUrl}/intake/${sourceId} \\
  -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' --data-binary @sample.json
`,
        }
      : {
          title: 'Firing, by hand; with "status":"resolved" and the same key it ends',
          language: 'shell',
          text: `curl -sS ${baseUrl}/intake/${sourceId} \\
  -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' \\
  -d '{"title":"Checkout answers with errors","status":"firing","severity":"critical","key":"checkout-errors","service":"checkout"}'
`,
        },
    {
      title: 'Signed instead of a key: Standard Webhooks',
      language: 'shell',
      text: `# In a sender that knows Standard Webhooks: this address, and this secret.
#   URL     ${baseUrl}/intake/${sourceId}
#   Secret  ${secret ?? '<the signing secret of this source>'}
# The same by hand:
SECRET='${secret ?? '<the signing secret of this source>'}'
BODY=${typeof mapping === 'string' ? '"$(cat sample.json)"' : `'{"title":"Checkout answers with errors","status":"firing","key":"checkout-errors"}'`}
ID="msg_$(date +%s%N)" NOW="$(date +%s)"
SIGNATURE="$(printf '%s.%s.%s' "$ID" "$NOW" "$BODY" | openssl dgst -sha256 -mac HMAC \\
  -macopt hexkey:"$(printf '%s' "\${SECRET#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \\n')" -binary | base64)"
curl -sS ${baseUrl}/intake/${sourceId} -H 'Content-Type: application/json' \\
  -H "webhook-id: $ID" -H "webhook-timestamp: $NOW" -H "webhook-signature: v1,$SIGNATURE" -d "$BODY"
`,
    },
  ],
}
