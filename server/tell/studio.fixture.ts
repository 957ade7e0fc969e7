import { type Frame, frameSchema, type Room as RoomName } from '#shared/wire.ts'
import { House, source } from '../command/room.fixture.ts'
import { type LivePicture, makePicture } from '../picture/index.ts'
import { makeTelling, type Telling } from './telling.ts'

/** The command room with its picture and its telling; timers run when the test moves the clock. */
export class Studio {
  house!: House
  picture!: LivePicture
  telling!: Telling
  frames: Frame[] = []
  #timers: { at: number; work: () => void }[] = []

  static async open(): Promise<Studio> {
    const studio = new Studio()
    studio.house = await House.open()
    const { house } = studio
    const clock = { now: () => house.now }
    studio.picture = makePicture({
      read: house.store.read,
      clock,
      filter: () => house.room.world().filter,
      names: {
        person: (id) => id.toUpperCase(),
        team: (id) => id,
        source: (id) => id,
        silence: house.room.silences.get,
        actor: (id) => id.replace(/^\w+:/, ''),
      },
      sources: () => [source],
      runbookOf: () => null,
    })
    studio.picture.reset(house.room.world().incidents.values(), [])
    house.onDurable = (durable) => studio.picture.apply(durable)
    studio.telling = makeTelling({
      picture: studio.picture,
      clock,
      broadcast: (_, frame) => studio.frames.push(frameSchema.parse(JSON.parse(JSON.stringify(frame)))),
      after: (ms, work) => studio.#timers.push({ at: house.now + ms, work }),
    })
    return studio
  }

  /** Moves the clock and runs what falls due, as the polls of a server do. */
  later(ms: number): this {
    this.house.now += ms
    const due = this.#timers.filter((timer) => timer.at <= this.house.now)
    this.#timers = this.#timers.filter((timer) => timer.at > this.house.now)
    for (const { work } of due) work()
    this.house.room.tick()
    this.picture.sweep()
    this.telling.figures()
    return this
  }

  async watch(room: RoomName, have?: number): Promise<Frame> {
    let first: Frame | undefined
    await this.telling.open(room, have, (frame) => {
      first = frameSchema.parse(JSON.parse(JSON.stringify(frame)))
    })
    if (first === undefined) throw new Error(`nobody opened ${room}`)
    return first
  }
  alert(service: string, instance = 'a') {
    return this.house.alert({ alertname: 'Down', service, instance, severity: 'critical' })
  }
}
