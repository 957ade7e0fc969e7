import { hash } from 'node:crypto'
import { createTransport } from 'nodemailer'
import { secondMs } from '#shared/clocks.ts'
import { mailAddressSchema } from '#shared/notify/channels.ts'
import type { SmtpConfig } from '../../../../config.ts'
import { DeliveryFailed, type Message, type Named } from '../../port.ts'
import { htmlOf, textOf } from './email-body.ts'
import type { SharedKind } from './kind.ts'
import { headingOf, nameOf, oneLine, urgencyOf } from './words.ts'

/** The mail server, with the connections that are kept open to it. */
export interface Mail {
  /** @returns what the server answered, as a number. @throws DeliveryFailed */
  send(address: string, message: Message, signal: AbortSignal): Promise<string>
  close(): void
}

export interface MailParts {
  smtp: SmtpConfig
  /** Limits in ms, where they are not the usual ones. */
  limits?: { connectMs: number; idleMs: number; wholeMs: number }
  /** Certificates (PEM) to trust in place of those of the system; for tests. */
  ca?: string
}

const usualLimits = { connectMs: 10 * secondMs, idleMs: 15 * secondMs, wholeMs: 45 * secondMs }

/** Connections are opened with the first message and kept for those that follow. */
export function makeMail({ smtp, limits = usualLimits, ca }: MailParts): Mail {
  const domain = smtp.from.address.split('@')[1] ?? 'localhost'
  const transport = createTransport({
    pool: true,
    maxConnections: 3,
    maxMessages: 100,
    // What failed is sent again by whoever sends, who knows when that is no longer wanted.
    maxRequeues: 0,
    host: smtp.host,
    port: smtp.port,
    secure: smtp.secure,
    requireTLS: smtp.tls === 'always',
    ignoreTLS: smtp.tls === 'never',
    ...(smtp.user === null ? {} : { auth: { user: smtp.user, pass: smtp.password ?? '' } }),
    connectionTimeout: limits.connectMs,
    greetingTimeout: limits.connectMs,
    dnsTimeout: limits.connectMs,
    socketTimeout: limits.idleMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    tls: { minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) },
  })

  return {
    async send(address, message, signal) {
      if (!mailAddressSchema.safeParse(address).success)
        throw new DeliveryFailed('Not sent: what is to be its address is no e-mail address.', { retry: false })
      const urgent = urgencyOf(message) === 1
      const thread = threadOf(message.incidents, domain)
      const sending = transport.sendMail({
        // Given in parts, so that no text is read as a list of addresses.
        from: smtp.from,
        to: { name: '', address },
        subject: subjectOf(message),
        text: textOf(message),
        html: htmlOf(message),
        messageId: `<n.${digest(message.key)}@${domain}>`,
        date: new Date(message.at),
        ...(thread === null ? {} : { inReplyTo: thread, references: [thread] }),
        headers: {
          // RFC 3834: no out-of-office is to answer this.
          'Auto-Submitted': 'auto-generated',
          'X-Auto-Response-Suppress': 'All',
          ...(urgent ? { Importance: 'high', 'X-Priority': '1' } : {}),
        },
      })
      const info = await unlessOver(sending, AbortSignal.any([signal, AbortSignal.timeout(limits.wholeMs)]), signal)
      return `SMTP ${/^\d{3}/.exec(info.response)?.[0] ?? '250'}`
    },
    close: () => transport.close(),
  }
}

/**
 * Of one incident always the same, or mail programs tear its thread apart (Gmail joins by References and subject); why
 * this message was sent stands in its first line. Of several it is the heading.
 */
export function subjectOf(message: Message): string {
  const [only, ...others] = message.incidents
  const single = only !== undefined && others.length === 0 && message.more === 0
  return headingOf(single ? { ...message, title: nameOf(only) } : message)
}

/**
 * What all messages about one incident refer to, so that they are one thread although none of them is its beginning.
 * Source: RFC 5322, section 3.6.4. A storm is a thread of its own.
 */
function threadOf(incidents: readonly Named[], domain: string): string | null {
  const [only, ...others] = incidents
  if (only === undefined || only.shift === true || others.length > 0) return null
  return `<i.${oneLine(only.id).replaceAll(/[^A-Za-z0-9-]/g, '')}@${domain}>`
}

/** Keys are ours, but what stands in a header must be a word. */
const digest = (key: string): string => hash('sha256', key, 'hex').slice(0, 32)

/** Waits no longer than `ends`. A mail that is taken afterwards is known by its Message-ID when it comes again. */
async function unlessOver<T>(work: Promise<T>, ends: AbortSignal, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = () =>
    reject(
      new DeliveryFailed(signal.aborted ? 'The attempt was stopped.' : 'The mail server took too long to answer.', {
        retry: true,
      }),
    )
  if (ends.aborted) stop()
  ends.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([work, promise])
  } catch (error) {
    throw error instanceof DeliveryFailed ? error : failureOf(error)
  } finally {
    ends.removeEventListener('abort', stop)
  }
}

const reasons: Readonly<Record<string, string>> = {
  EDNS: 'the name of the mail server cannot be looked up',
  ETLS: 'the mail server offers no TLS that can be trusted',
  EREQUIRETLS: 'the mail server offers no TLS that can be trusted',
  ETIMEDOUT: 'the mail server does not answer',
  ECONNECTION: 'the connection to the mail server was cut, or nobody listens there',
  ESOCKET: 'the connection to the mail server was cut, or nobody listens there',
  EPROTOCOL: 'what answers there does not speak SMTP as expected',
  EAUTH: 'the mail server does not take the user and password of SMTP_URL',
}

/**
 * Whether another try can help: 4yz is for now, 5yz for good (RFC 5321, section 4.2.1); without an answer it is the line.
 * The words of the server are not passed on: they name the address.
 */
function failureOf(error: unknown): DeliveryFailed {
  const { code = '', responseCode } = error as { code?: string; responseCode?: number }
  const answered = responseCode === undefined ? null : `SMTP ${responseCode}`
  // Whether a server refuses TLS or offers none, it is for whoever runs the house to mend, and the mail is not at fault.
  if (responseCode !== undefined && responseCode >= 400 && code !== 'ETLS') {
    const retry = responseCode < 500
    const what = code === 'EAUTH' ? reasons.EAUTH : `the mail server refused it ${retry ? 'for now' : 'for good'}`
    return new DeliveryFailed(`Not delivered: ${what} (${answered}).`, { retry, answered })
  }
  if (code === 'EENVELOPE' || code === 'EMESSAGE')
    return new DeliveryFailed('Not delivered: the mail server cannot take this address or message.', { retry: false })
  const words = reasons[code] ?? `sending failed${code === '' ? '' : ` (${code})`}`
  return new DeliveryFailed(`Not delivered: ${words}.`, { retry: true, answered })
}

/** A list that many read, by e-mail. */
export const emailKind: SharedKind = {
  kind: 'email',
  title: 'E-mail list',
  says: 'Sends a mail to one address that many read, such as a mailing list.',
  signs: false,
  settings: [
    {
      name: 'address',
      label: 'Address',
      help: 'Where the list takes its mail.',
      type: 'text',
      example: 'on-call@example.org',
      maxLength: 254,
      required: true,
    },
  ],
  faultsOf: ({ address }) =>
    mailAddressSchema.safeParse(address).success
      ? []
      : [{ path: 'address', message: 'write one e-mail address, such as on-call@example.org' }],
  missing: ({ mail }) => (mail === null ? 'No mail server is set: start the server with SMTP_URL.' : null),
  async deliver({ mail }, { settings }, message, signal) {
    if (mail === null)
      throw new DeliveryFailed('Not sent: no mail server is set; start the server with SMTP_URL.', { retry: false })
    return await mail.send(String(settings.address), message, signal)
  },
}
