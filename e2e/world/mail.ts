import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'

/** A mail as it came over the wire. */
export interface Mail {
  to: string
  messageId: string
  subject: string
  /** Its plain-text part, decoded. */
  text: string
  /** Addresses of links that act, by what they say: `Claim`. */
  links: ReadonlyMap<string, string>
}

/** A real mail server on this machine. */
export interface MailServer {
  /** For SMTP_URL. */
  url: string
  mails: Mail[]
  /** From now on it takes mails and does not say so, until it is called again with false. */
  hold(on: boolean): void
  close(): Promise<void>
}

/** Starts a mail server that keeps what it takes. */
export async function startMail(): Promise<MailServer> {
  const mails: Mail[] = []
  let held: { until: Promise<void>; open: () => void } | null = null
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      void buffer(stream).then(async (body) => {
        const [to] = session.envelope.rcptTo
        mails.push(read(to?.address ?? '', body.toString('utf8')))
        await held?.until
        done()
      })
    },
  })
  // A client that is killed cuts its lines: that is what the test is about.
  server.on('error', () => undefined)
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}?from=uxbridge@test.example&tls=never`,
    mails,
    hold(on) {
      held?.open()
      const { promise, resolve } = Promise.withResolvers<void>()
      held = on ? { until: promise, open: resolve } : null
    },
    close() {
      held?.open()
      return new Promise<void>((done) => server.close(() => done()))
    },
  }
}

function read(to: string, raw: string): Mail {
  const [head = ''] = raw.split('\r\n\r\n', 1)
  const header = (name: string) =>
    new RegExp(`^${name}: *((?:.|\\r\\n[ \\t])*)$`, 'im')
      .exec(head)?.[1]
      ?.replaceAll(/\r\n[ \t]+/g, ' ')
      .trim() ?? ''
  const text = plainPart(raw)
  const links = new Map<string, string>()
  for (const [, label = '', url = ''] of text.matchAll(/(Claim|Accept|Acknowledge)\b[^\n]*?(https?:\/\/\S+\/act#\S+)/g))
    links.set(label, url)
  return { to, messageId: header('Message-ID'), subject: header('Subject'), text, links }
}

function plainPart(raw: string): string {
  const from = raw.search(/^content-type: text\/plain/im)
  const part = raw.slice(Math.max(0, from))
  const [head = ''] = part.split('\r\n\r\n', 1)
  const body = part.slice(head.length + 4).split(/\r\n--/, 1)[0] ?? ''
  if (/base64/i.test(head)) return Buffer.from(body, 'base64').toString('utf8')
  if (!/quoted-printable/i.test(head)) return body
  const bytes = body
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
