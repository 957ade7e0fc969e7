import { readFile } from 'node:fs/promises'
import type { IClientOptions, MqttClient, Packet } from 'mqtt'
import { minuteMs, secondMs } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { Settings } from '#shared/source.ts'
import type { ListenAt, Listener } from '../port.ts'

/** Refused for now (a full disk, too much at once): tried again after this. */
const retryAfterMs = secondMs
const connectFromMs = secondMs
const connectToMs = minuteMs
const connectTimeoutMs = 15 * secondMs
const keepAliveS = 30
/** A broker that does not answer is left without a word after this. */
const farewellMs = 1500

/** Under this name the broker keeps what comes while we are away, where the settings give none. */
export function clientIdOf(sourceId: string, { clientId }: Settings): string {
  return typeof clientId === 'string' ? clientId : `uxbridge-${sourceId}`
}

/**
 * Subscribes at the source's broker, with a session that the broker keeps. Rule B2: a message is acknowledged once it is
 * durable here, and not before, so one that was on its way when anything broke comes again. Subscribed at QoS 1 at most: with
 * QoS 2 a broker counts a message as ours before it can be durable. A broker that is away is tried again, ever less
 * often up to once a minute.
 * @throws Error that says what to do where settings are missing or a file cannot be read
 */
export async function listenMqtt(at: ListenAt): Promise<Listener> {
  const { settings } = at
  const broker = typeof settings.broker === 'string' ? settings.broker : ''
  const topics = topicsOf(settings)
  if (broker === '' || topics.length === 0)
    throw new Error('No broker or no topic is set, so nothing is fetched: set both.')
  const options = await optionsOf(at)
  // Loaded when the first source needs it: a start without one should not wait for it.
  const { connect } = await import('mqtt')
  const qos = settings.qos === '0' ? 0 : 1
  const place = new URL(broker).host

  let client: MqttClient | null = null
  let connected = false
  let refused: string[] = []
  let trouble: string | null = 'It has not answered yet.'
  let tries = 0
  let taken = 0
  let lost = 0
  let closing = false
  let callOff: (() => void) | null = null
  let wake: (() => void) | null = null
  /** Resolves when no message is being taken in. */
  let working: Promise<void> = Promise.resolve()

  function open(): void {
    const mine = connect(broker, options)
    client = mine
    // One at a time, and the next one is read only when this one is done: the broker keeps the rest.
    mine.handleMessage = (packet, done) => {
      working = working.then(async () => {
        // One that waited behind a message of an earlier connection, and whose own is gone: the broker sends it again.
        if (closing || client !== mine) return
        if ((await takeIn(packet)) && mine.connected) done()
      })
    }
    mine.on('connect', () => {
      connected = true
      tries = 0
      trouble = null
      at.log.info({ source: at.sourceId, broker: place }, 'connected to the broker')
      subscribe(mine).catch((error: Error) => {
        trouble = `It refuses a subscription: ${error.message}.`
      })
    })
    mine.on('error', (error) => {
      trouble = wordsFor(error)
    })
    mine.once('close', () => {
      if (client !== mine) return
      client = null
      const was = connected
      connected = false
      mine.end(true)
      trouble ??= 'It closed the connection.'
      if (closing) return
      if (was || tries === 0)
        at.log.error({ source: at.sourceId, broker: place, says: trouble }, 'no connection to the broker')
      callOff = at.after(Math.min(connectToMs, connectFromMs * 2 ** tries++), open)
    })
  }

  async function subscribe(mine: MqttClient): Promise<void> {
    refused = []
    for (const topic of topics) {
      // One by one: a broker that refuses one of them shall still send the others.
      try {
        await mine.subscribeAsync(topic, { qos })
      } catch (error) {
        if (!mine.connected) throw error
        refused.push(topic)
      }
    }
    if (refused.length > 0)
      at.log.error({ source: at.sourceId, broker: place, topics: refused.length }, 'the broker refuses topics')
  }

  /** @returns whether it is done with; false: it was not taken in, and the broker must send it again */
  async function takeIn(packet: Packet): Promise<boolean> {
    if (packet.cmd !== 'publish') return true
    const payload = Buffer.from(packet.payload)
    const body = payload.subarray(0, at.maxBytes)
    const headers = {
      'mqtt-topic': packet.topic.slice(0, 1024).toWellFormed(),
      ...(packet.retain ? { 'mqtt-retained': 'true' } : {}),
      ...(body.length < payload.length ? { 'mqtt-cut': String(payload.length) } : {}),
    }
    for (;;) {
      try {
        await at.take(body, { headers })
        taken++
        trouble = null
        return true
      } catch (error) {
        const later = error instanceof UxbridgeError && (error.status === 503 || error.status === 429)
        if (!later) {
          lost++
          at.log.error({ err: error, source: at.sourceId }, 'a message of the broker could not be taken in')
          return true
        }
        trouble = error.message
      }
      if (closing) return false
      await new Promise<void>((resolve) => {
        const off = at.after(retryAfterMs, resolve)
        wake = () => {
          off()
          resolve()
        }
      })
    }
  }

  open()
  return {
    state() {
      const says = connected
        ? [
            `Connected to ${place}, subscribed to ${topics.length - refused.length} of ${topics.length} topics; ${taken} messages taken in since.`,
            ...(trouble === null ? [] : [`Nothing is taken in at the moment: ${trouble}`]),
            ...(refused.length === 0 ? [] : [`The broker refuses: ${refused.join(', ')}.`]),
            ...(lost === 0 ? [] : [`${lost} messages could not be taken in; the log says why.`]),
          ]
        : [`Not connected to ${place}. ${trouble ?? ''} It is tried again.`]
      return { ok: connected && trouble === null && refused.length === 0, says: says.join(' ') }
    },
    async close(next) {
      closing = true
      callOff?.()
      wake?.()
      await working
      const last = client
      if (last === null) return
      const over = Promise.withResolvers<void>()
      const hurry = at.after(farewellMs, over.resolve)
      const leave = async () => {
        // What nobody fetches any more, the broker need not keep.
        const stale = next === undefined ? [] : staleTopics(at, next)
        if (stale.length > 0 && last.connected) await last.unsubscribeAsync([...stale])
        await last.endAsync(!last.connected)
      }
      await Promise.race([leave().catch(() => undefined), over.promise])
      hurry()
      last.end(true)
    },
  }
}

function topicsOf({ topics }: Settings): readonly string[] {
  return Array.isArray(topics) ? (topics as readonly string[]) : []
}

/** Topics that nobody will fetch at this broker under this name any more. @param next null = none of them */
function staleTopics({ sourceId, settings }: ListenAt, next: Settings | null): readonly string[] {
  const topics = topicsOf(settings)
  if (next === null || next.broker !== settings.broker || clientIdOf(sourceId, next) !== clientIdOf(sourceId, settings))
    return topics
  return topics.filter((topic) => !topicsOf(next).includes(topic))
}

async function optionsOf({ sourceId, settings, secrets }: ListenAt): Promise<IClientOptions> {
  const [ca, cert, key] = await Promise.all(
    (['authorityFile', 'certificateFile', 'keyFile'] as const).map(async (name) => {
      const path = settings[name]
      if (typeof path !== 'string') return null
      try {
        return await readFile(path)
      } catch (error) {
        throw new Error(
          `${path} cannot be read: ${(error as NodeJS.ErrnoException).code}. Correct the path or its rights.`,
          { cause: error },
        )
      }
    }),
  )
  return {
    clientId: clientIdOf(sourceId, settings),
    clean: false,
    protocolVersion: 4,
    reconnectPeriod: 0,
    resubscribe: false,
    connectTimeout: connectTimeoutMs,
    keepalive: keepAliveS,
    ...(typeof settings.username === 'string' ? { username: settings.username } : {}),
    ...(secrets.password === undefined ? {} : { password: secrets.password }),
    ...(ca == null ? {} : { ca }),
    ...(cert == null ? {} : { cert }),
    ...(key == null ? {} : { key }),
  }
}

/** Why there is no connection, and what to do. */
function wordsFor(error: Error & { code?: number | string }): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'Nothing listens there: is the broker running, and is the port right?'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'There is no such host: correct the address of the broker.'
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'It cannot be reached from here: look at the network and its firewalls.'
    // MQTT 3.1.1, 3.2.2.3.
    case 2:
      return 'It refuses our client id: set another.'
    case 4:
      return 'It refuses our user name or password: correct them.'
    case 5:
      return 'It does not let us in: look at its access list.'
    default:
      return /certificate|self-signed|CERT/i.test(`${error.code} ${error.message}`)
        ? `Its certificate is not trusted (${error.message}): set the authority that signed it.`
        : `${error.message}.`
  }
}
