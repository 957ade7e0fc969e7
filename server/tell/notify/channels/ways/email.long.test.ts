import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterEach, describe, expect, it, test } from 'vitest'
import type { SmtpConfig } from '../../../../config.ts'
import type { DeliveryFailed, Message } from '../../port.ts'
import { at, certificate, incident, message, patient, storm } from '../receiver.fixture.ts'
import { type Mail, makeMail } from './email.ts'
import { tellable, testMessage } from './words.ts'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close()
})

interface Taken {
  from: string
  to: string[]
  user: string | null
  secure: boolean
  text: string
}
/** A real SMTP server; what it takes is kept as it came over the wire. */
async function mailServer(options: SMTPServerOptions = {}) {
  const taken: Taken[] = []
  let connections = 0
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onConnect(_session, done) {
      connections++
      done()
    },
    onData(stream, session, done) {
      void buffer(stream).then((body) => {
        const { mailFrom, rcptTo } = session.envelope
        taken.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          user: session.user === undefined ? null : String(session.user),
          secure: session.secure,
          text: body.toString('utf8'),
        })
        done()
      })
    },
    ...options,
  })
  // A client that cuts the line is no fault of the server.
  server.on('error', () => undefined)
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  open.push({ close: () => new Promise<void>((done) => server.close(done)) })
  const cut = () => {
    const { connections: all } = server as unknown as { connections: Set<{ _socket: { destroy(): void } }> }
    for (const { _socket } of all) _socket.destroy()
  }
  return { cut, port: (server.server.address() as AddressInfo).port, taken, connections: () => connections }
}

const limits = { connectMs: 10_000, idleMs: 10_000, wholeMs: 20_000 }
const short = { connectMs: 100, idleMs: 100, wholeMs: 1000 }
function mail(port: number, smtp: Partial<SmtpConfig> = {}, ca?: string, own = limits): Mail {
  const made = makeMail({
    smtp: {
      ...{ host: '127.0.0.1', port, secure: false, tls: 'try', user: null, password: null },
      from: { name: 'Uxbridge', address: 'ux@example.org' },
      ...smtp,
    },
    limits: own,
    ...(ca === undefined ? {} : { ca }),
  })
  open.push(made)
  return made
}
const send = (way: Mail, what: Message, to = 'ana@example.net') => way.send(to, what, patient())
const failure = (work: Promise<unknown>): Promise<DeliveryFailed> =>
  work.then(
    () => {
      throw new Error('was sent')
    },
    (error: DeliveryFailed) => error,
  )

/** Headers unfolded, by name in small letters. */
function headersOf(text: string): Record<string, string> {
  const head = text.slice(0, text.indexOf('\r\n\r\n')).replaceAll(/\r\n[ \t]+/g, ' ')
  return Object.fromEntries(
    head
      .split('\r\n')
      .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  )
}
/** The two parts, decoded. */
function partsOf(text: string): { plain: string; html: string } {
  const decode = (part: string) => {
    const [head = '', body = ''] = part.split(/\r\n\r\n(.*)/s)
    if (/base64/i.test(head)) return Buffer.from(body, 'base64').toString('utf8')
    if (!/quoted-printable/i.test(head)) return body
    const bytes = body
      .replaceAll('=\r\n', '')
      .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    return Buffer.from(bytes, 'latin1').toString('utf8')
  }
  const boundary = /boundary="([^"]+)"/.exec(text)?.[1] ?? ''
  const [, plain = '', html = ''] = text.split(`--${boundary}`)
  return { plain: decode(plain), html: decode(html) }
}

describe('a mail about one incident', () => {
  it('says what, how grave, since when, whose, and what can be done, in HTML and in plain text alike', async () => {
    const server = await mailServer()
    expect(await send(mail(server.port), message())).toBe('SMTP 250')
    const [got] = server.taken
    expect([got?.from, got?.to]).toEqual(['ux@example.org', ['ana@example.net']])
    const { plain, html } = partsOf(got?.text ?? '')
    for (const words of [
      'Escalated to you: INC-1042 Payments fail in eu-west',
      'Escalated · Tier 1 · payments · open since 02:55 UTC (5 min) · nobody has it',
      'Nobody has claimed it for 5 min.',
      'https://ux.example.org/act#secret-token',
      'https://ux.example.org/incident/INC-1042',
      'a page that asks before anything is done',
    ])
      for (const part of [plain, html]) expect(part).toContain(words)
    expect(plain).not.toMatch(/<\w/)
    expect(html).toContain('<a href="https://ux.example.org/act#secret-token" ')
    expect(html).not.toMatch(/<img|<script|src=|url\(/i)
  })

  it('is one thread with those before, is known again when it is sent twice, and no machine answers it', async () => {
    const server = await mailServer()
    const way = mail(server.port)
    await send(way, message())
    await send(way, message())
    await send(
      way,
      message({ key: 'n_next', title: 'Reminder: INC-1042', incidents: [incident({ reason: 'reminder' })] }),
    )
    const [first, again, next] = server.taken.map(({ text }) => headersOf(text))
    expect(first).toMatchObject({
      subject: 'INC-1042 Payments fail in eu-west',
      references: '<i.INC-1042@example.org>',
      'in-reply-to': '<i.INC-1042@example.org>',
      'auto-submitted': 'auto-generated',
      importance: 'high',
      from: 'Uxbridge <ux@example.org>',
      to: 'ana@example.net',
      date: 'Mon, 02 Mar 2026 03:00:12 +0000',
    })
    expect(first?.['message-id']).toMatch(/^<n\.[0-9a-f]{32}@example\.org>$/)
    expect(again?.['message-id']).toBe(first?.['message-id'])
    expect(next?.['message-id']).not.toBe(first?.['message-id'])
    expect([next?.references, next?.subject]).toEqual([first?.references, first?.subject])
    // One connection carries them all.
    expect(server.connections()).toBe(1)
  })

  it('words of senders can make no header, no markup and no second addressee', async () => {
    const server = await mailServer()
    const nasty = incident({
      title: 'Disk\r\nBcc: eve@example.com\r\n\r\n<script>alert(1)</script> \u202egnp.exe',
      text: '<img src=x onerror=alert(1)> & "quotes"\nsecond line',
      service: '<b>pay</b>',
      owner: 'Eve <eve@example.com>',
    })
    await send(mail(server.port), message({ title: 'Page\r\nX-Evil: 1', incidents: [nasty] }))
    const [got] = server.taken
    const headers = headersOf(got?.text ?? '')
    expect(got?.to).toEqual(['ana@example.net'])
    expect([headers.bcc, headers['x-evil']]).toEqual([undefined, undefined])
    expect(headers.subject).toBe('INC-1042 Disk Bcc: eve@example.com <script>alert(1)</script> gnp.exe')
    const { html } = partsOf(got?.text ?? '')
    expect(html).not.toMatch(/<script|<img|<b>/)
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt; &amp; &quot;quotes&quot; second line')
  })

  test.each([
    'ana',
    'ana@example.net, eve@example.com',
    'ana@example.net\r\nRCPT TO:<eve@example.com>',
    'Ana <a@b>',
    '',
  ])('an address that is none is refused before a connection: %s', async (address) => {
    const server = await mailServer()
    expect(await failure(send(mail(server.port), message(), address))).toMatchObject({ retry: false })
    expect(server.connections()).toBe(0)
  })
})

describe('other messages', () => {
  it('a storm is one mail of its own, with the board and what was left out', async () => {
    const server = await mailServer()
    await send(mail(server.port), storm())
    const text = server.taken[0]?.text ?? ''
    expect(headersOf(text).references).toBeUndefined()
    expect(headersOf(text).subject).toBe('42 incidents want an owner')
    const { plain, html } = partsOf(text)
    for (const part of [plain, html]) {
      expect(part).toContain('and 12 more incidents')
      expect(part).toContain('https://ux.example.org/')
    }
    expect(plain.match(/^INC-\d+/gm)).toHaveLength(30)
  })

  it('an exercise says so first, and a test says that it is one', async () => {
    const server = await mailServer()
    const way = mail(server.port)
    await send(way, message({ drill: true }))
    await send(way, testMessage('1', at, 'https://ux.example.org/channels'))
    const [drill = '', test = ''] = server.taken.map(({ text }) => text)
    expect(headersOf(drill).subject).toMatch(/^EXERCISE: INC-1042/)
    expect(partsOf(drill).plain).toMatch(/^This is an exercise/)
    expect(headersOf(test).subject).toBe('Test message from Uxbridge')
    expect(partsOf(test).plain).toContain('Nothing is asked of you.')
  })

  it('W2: of a restricted incident only its number is told, in every header and part', async () => {
    const server = await mailServer()
    const secret = incident({
      id: 'INC-x7k2',
      title: null,
      text: 'Payroll was copied',
      service: 'payroll',
      owner: 'Ana',
    })
    await send(mail(server.port), tellable(message({ title: 'Offered to you: INC-x7k2', incidents: [secret] }), false))
    const text = server.taken[0]?.text ?? ''
    const { plain, html } = partsOf(text)
    for (const part of [JSON.stringify(headersOf(text)), plain, html]) {
      expect(part).not.toMatch(/payroll|Maria|Tier/i)
      expect(part).toContain('INC-x7k2')
    }
    expect(plain).toContain('Restricted. Sign in to read it.')
  })
})

describe('what the mail server says', () => {
  const refusing = (stage: 'onMailFrom' | 'onRcptTo' | 'onData', responseCode: number) =>
    mailServer({
      [stage]: (first: { resume?(): void }, _session: unknown, done: (error: Error) => void) => {
        first.resume?.()
        done(Object.assign(new Error('mailbox of ana@example.net'), { responseCode }))
      },
    })
  test.each([
    ['onMailFrom', 421, true],
    ['onRcptTo', 450, true],
    ['onRcptTo', 451, true],
    ['onData', 452, true],
    ['onRcptTo', 550, false],
    ['onMailFrom', 553, false],
    ['onData', 554, false],
  ] as const)('%s %i: retry %s, and the words name no address', async (stage, code, retry) => {
    const server = await refusing(stage, code)
    const failed = await failure(send(mail(server.port), message()))
    expect(failed).toMatchObject({ retry, gone: false, answered: `SMTP ${code}` })
    expect(failed.message).not.toContain('ana')
  })

  const onAuth: SMTPServerOptions['onAuth'] = ({ username, password }, _session, done) =>
    username === 'u' && password === 'p%#' ? done(null, { user: 'u' }) : done(new Error('wrong password'))
  it('TLS from the start, with user and password', async () => {
    const own = certificate()
    const server = await mailServer({ secure: true, ...own, authOptional: false, onAuth })
    const good = { secure: true, tls: 'always', user: 'u', password: 'p%#' } as const
    await send(mail(server.port, good, own.cert), message())
    expect(server.taken[0]).toMatchObject({ user: 'u', secure: true })
    const wrong = await failure(send(mail(server.port, { ...good, password: 'other' }, own.cert), message()))
    expect(wrong).toMatchObject({ retry: false, answered: 'SMTP 535' })
    expect(wrong.message).toContain('does not take the user and password')
    const untrusted = await failure(send(mail(server.port, good), message()))
    expect(untrusted).toMatchObject({ retry: true, answered: null })
  })

  it('STARTTLS where it is offered; where it must be and is not, no password goes over the line', async () => {
    const own = certificate()
    const server = await mailServer({ ...own, disabledCommands: [], authOptional: false, onAuth })
    const good = { tls: 'always', user: 'u', password: 'p%#' } as const
    await send(mail(server.port, good, own.cert), message())
    expect(server.taken[0]).toMatchObject({ user: 'u', secure: true })
    let asked = 0
    const stripped = await mailServer({
      allowInsecureAuth: true,
      onAuth(_auth, _session, done) {
        asked++
        done(null, { user: 'u' })
      },
    })
    const failed = await failure(send(mail(stripped.port, good), message()))
    expect([failed.retry, asked, stripped.taken]).toEqual([true, 0, []])
  })

  it('a server that hangs, and one that nobody runs, are tried again later', async () => {
    const hanging = createServer(() => undefined)
    hanging.listen(0, '127.0.0.1')
    await once(hanging, 'listening')
    const { port } = hanging.address() as AddressInfo
    const late = await failure(send(mail(port, {}, undefined, short), message()))
    expect(late).toMatchObject({ retry: true, message: 'Not delivered: the mail server does not answer.' })
    await new Promise<void>((done) => {
      hanging.close(() => done())
    })
    expect(await failure(send(mail(port), message()))).toMatchObject({ retry: true, answered: null })
  })

  it('a line that is cut in the middle of the mail is tried again by the sender, not behind its back', async () => {
    let begun = 0
    const server = await mailServer({
      onData(stream) {
        begun++
        stream.once('data', () => server.cut())
      },
    })
    const failed = await failure(send(mail(server.port), message()))
    expect([failed.retry, begun, server.taken]).toEqual([true, 1, []])
  })

  it('who stops an attempt does not wait for the server', async () => {
    const server = await mailServer({ onRcptTo: () => undefined })
    const stopped = await failure(mail(server.port).send('ana@example.net', message(), AbortSignal.timeout(20)))
    expect(stopped).toMatchObject({ retry: true, message: 'The attempt was stopped.' })
    const slow = mail(server.port, {}, undefined, { ...limits, wholeMs: 60 })
    expect((await failure(send(slow, message()))).message).toBe('The mail server took too long to answer.')
  })
})
