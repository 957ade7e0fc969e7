import { type Frame, frameSchema, type Room as RoomName } from '#shared/wire.ts'
import { House, source } from '../command/room.fixture.ts'
import { noRota } from '../duty/port.ts'
import {
  type LiveFilterPicture,
  type LivePicture,
  type LiveTote,
  makeFilterPicture,
  makePicture,
  makeTote,
} from '../picture/index.ts'
import { makeTelling, type Telling } from './telling.ts'

/** The command room with its picture and its telling; timers run when the test moves the clock. */
export class Studio {
  house!: House
  picture!: LivePicture
  filterRoom!: LiveFilterPicture
  tote!: LiveTote
  telling!: Telling
  frames: Frame[] = []
  #timers: { at: number; work: () => void }[] = []

  static async open(opened?: House): Promise<Studio> {
    const studio = new Studio()
    const house = opened ?? (await House.open())
    studio.house = house
    const clock = { now: () => house.now }
    const names = {
      person: (id: string) => id.toUpperCase(),
      team: (id: string) => id,
      source: (id: string) => id,
      silence: house.room.silences.holder,
      actor: (id: string) => id.replace(/^\w+:/, ''),
      links: () => [],
      restricted: {
        incident: (id: string) => !house.room.sees(null, id),
        alert: (id: string) => !house.room.sees(null, house.room.world().filter.alert(id)?.incidentId ?? ''),
      },
    }
    studio.picture = makePicture({
      read: house.store.read,
      clock,
      filter: () => house.room.world().filter,
      names,
      sees: house.room.sees,
      sources: () => [source],
      runbookOf: () => null,
    })
    studio.picture.reset(house.room.world().incidents.values(), await house.store.read.ledger(0))
    studio.filterRoom = makeFilterPicture({
      read: house.store.read,
      clock,
      filter: () => house.room.world().filter,
      names,
      picture: studio.picture,
      silences: house.room.silences.list,
      policy: () => ({ policy: house.room.policy(), hash: 'built-in', text: '', since: null }),
      lost: house.room.lost.waiting,
      restricted: () => house.room.world().restricted,
    })
    studio.tote = makeTote({
      ...{ initial: await house.store.read.settings(), clock },
      ...{ policy: () => house.room.policy(), rota: () => house.around.rota ?? noRota, nameOf: names.person },
      sees: house.room.sees,
      people: {
        list: () => ['ana', 'ben', 'carla'].map((id) => ({ id })),
        exists: (id) => id !== 'nobody',
        mayRespond: (id) => id !== 'nobody' && id !== 'vera',
      },
      record: (change) => house.room.record(change),
      keep: (change) => house.store.commit(change),
      log: { error: () => undefined },
    })
    studio.tote.reset(house.room.world().incidents.values())
    house.onDurable = (durable) => {
      studio.picture.apply(durable)
      studio.filterRoom.apply(durable)
      studio.tote.apply(durable)
    }
    await studio.filterRoom.readBack()
    studio.telling = makeTelling({
      picture: studio.picture,
      filterRoom: studio.filterRoom,
      tote: studio.tote,
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
