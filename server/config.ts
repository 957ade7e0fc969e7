import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { z } from 'zod'
import { mailAddressSchema } from '#shared/notify/channels.ts'

const port = z.coerce.number().int().min(0).max(65535)
const flag = z.enum(['0', '1', 'true', 'false']).transform((text) => text === '1' || text === 'true')

/** So many proxies in front of us. */
const hops = z
  .string()
  .regex(/^[1-9]$/)
  .transform(Number)
/** Their addresses, as Express takes them. */
const proxies = z.string().refine((text) => text.split(',').every((part) => isProxy(part.trim())), {
  error:
    'write 1 for one proxy in front, the number of them up to 9, or their addresses: 10.0.0.0/8, ::1, loopback, linklocal, uniquelocal; separated by commas',
})
function isProxy(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true
  const [address = '', bits, ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

/** Names that contract.md reserves and this version does not act on: setting one must not pass in silence. */
const notYet: Readonly<Record<string, string>> = {
  DATABASE_URL: 'PostgreSQL is not supported by this version',
  REDIS_URL: 'several nodes are not supported by this version',
  OIDC_ISSUER: 'OpenID Connect is not supported by this version',
}

const schema = z.object({
  PORT: port.default(4000),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATA_DIR: z.string().min(1).default('./data'),
  POLICY_FILE: z.string().min(1).optional(),
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  FIRST_SOURCE: flag.default(true),
  TRUST_PROXY: flag.or(hops).or(proxies).default(false),
  SMTP_URL: z.string().transform(smtpOf).optional(),
})

/** The mail server that messages go through. */
export interface SmtpConfig {
  host: string
  port: number
  /** TLS from the first byte (`smtps:`). */
  secure: boolean
  /** STARTTLS where `secure` is not: `try` takes it where it is offered, which who sits on the line can prevent. */
  tls: 'always' | 'try' | 'never'
  user: string | null
  password: string | null
  from: { name: string; address: string }
}

/** Its faults quote nothing of it: it holds a password. */
function smtpOf(text: string, context: z.RefinementCtx): SmtpConfig | never {
  const fault = (message: string) => {
    context.addIssue({ code: 'custom', message, input: null })
    return z.NEVER
  }
  const form =
    'write smtp://user:password@mail.example.org:587?from=uxbridge@example.org (smtps:// for TLS from the start); in a password write %2F for /, %23 for #, %3F for ? and %40 for @'
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '') return fault(form)
  if (url.pathname.length > 1 || url.hash !== '') return fault(form)
  const unknown = [...url.searchParams.keys()].find((name) => !['from', 'tls'].includes(name))
  if (unknown !== undefined) return fault('knows from and tls after the question mark, and nothing else')
  // Spaces may be written as they are, as + or as %20.
  const [, name = '', inBrackets, bare] =
    /^(?:([^<>@\p{Cc}]*)<([^<>]+)>|(.*))$/u.exec(url.searchParams.get('from')?.trim() ?? '') ?? []
  const address = mailAddressSchema.safeParse(inBrackets ?? bare)
  if (!address.success)
    return fault('needs the address that mail comes from: …?from=uxbridge@example.org, or ?from=Uxbridge <uxbridge@…>')
  const decoded = decode(url.username, url.password)
  if (decoded === null) return fault('has a % in its user or password that is not followed by two digits; write %25')
  const [user, password] = decoded
  const secure = url.protocol === 'smtps:'
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  // A password is not sent in the clear because somebody on the line took the offer of TLS away.
  const usual = user !== '' && !isLoopback(host) ? 'always' : 'try'
  const tls = z.enum(['always', 'try', 'never']).safeParse(url.searchParams.get('tls') ?? usual)
  if (!tls.success) return fault('takes tls=always, tls=try or tls=never')
  if (secure && tls.data === 'never') return fault('asks for TLS (smtps) and against it (tls=never); leave one out')
  return {
    host,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    tls: tls.data,
    user: user === '' ? null : user,
    password: user === '' ? null : password,
    from: { name: name.trim().replaceAll(/^"|"$/g, ''), address: address.data },
  }
}

function decode(user: string, password: string): readonly [string, string] | null {
  try {
    return [decodeURIComponent(user), decodeURIComponent(password)]
  } catch {
    return null
  }
}

export interface Config {
  port: number
  host: string
  dataDir: string
  policyFile: string | null
  publicUrl: string | null
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'
  /** Whether an empty house gets a source at its first start, with a line that sends a first event. */
  firstSource: boolean
  /** False, true for one proxy, a number of them, or their addresses. */
  trustProxy: boolean | number | string
  /** Null: no mail is sent. */
  smtp: SmtpConfig | null
  /** False when others on the network can reach us without TLS in front. */
  loopback: boolean
}

/** The environment is wrong; `problems` names every wrong variable at once. */
export class ConfigInvalid extends Error {
  override name = 'ConfigInvalid'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(
      `The environment has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((line) => `  - ${line}`).join('\n')}`,
    )
    this.problems = problems
  }
}

/** Environment → validated, frozen. @throws ConfigInvalid with all problems at once */
export function readConfig(env: NodeJS.ProcessEnv): Readonly<Config> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = schema.safeParse(given)
  const problems = Object.entries(notYet)
    .filter(([name]) => given[name] !== undefined)
    .map(([name, why]) => `${name} is set, but ${why}. Unset it.`)
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push(`${issue.path.join('.')}: ${issue.message}`)
    throw new ConfigInvalid(problems)
  }
  if (problems.length > 0) throw new ConfigInvalid(problems)
  const { data } = parsed
  return Object.freeze({
    port: data.PORT,
    host: data.HOST,
    dataDir: resolve(data.DATA_DIR),
    policyFile: data.POLICY_FILE === undefined ? null : resolve(data.POLICY_FILE),
    publicUrl: data.PUBLIC_URL?.replace(/\/+$/, '') ?? null,
    logLevel: data.LOG_LEVEL,
    firstSource: data.FIRST_SOURCE,
    trustProxy: data.TRUST_PROXY,
    smtp: data.SMTP_URL ?? null,
    loopback: isLoopback(data.HOST),
  })
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}
