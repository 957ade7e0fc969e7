import { UxbridgeError } from '#shared/errors.ts'
import type { Policy } from '#shared/policy.ts'
import {
  reportAnswerSchema,
  reportFaults,
  reportFormSchema,
  reportSays,
  reportSchema,
  serviceOf,
} from '#shared/report.ts'
import type { CommandRoom } from '../../command/port.ts'
import { reportAdapter, reportRequest, reportSource } from '../../intake/index.ts'
import type { Picture } from '../../picture/port.ts'
import { type Route, route, signedIn } from './route.ts'

const tag = 'Reports'

export interface ReportRouteParts {
  commandRoom: CommandRoom
  picture: Picture
  activePolicy(): { policy: Policy; hash: string }
  now: () => number
}

/** The service desk's form: what people feel becomes an event like any other. */
export function reportRoutes({ commandRoom, picture, activePolicy, now }: ReportRouteParts): Route[] {
  /** Those of the catalogue, and those of open incidents: where nobody wrote a catalogue, alerts name the services. */
  function services(): string[] {
    const listed = activePolicy().policy.services.map(({ id }) => id)
    const open = picture.board().incidents.flatMap(({ service }) => service ?? [])
    return [...new Set([...listed, ...open])].sort((a, b) => a.localeCompare(b))
  }

  return [
    route({
      method: 'get',
      path: '/api/reports/form',
      action: 'report.make',
      tag,
      summary: 'What the form asks for, by the active policy',
      answer: reportFormSchema,
      run: () => {
        const { required, services_only: servicesOnly } = activePolicy().policy.reports
        return { required: [...required], servicesOnly, services: services() }
      },
    }),
    route({
      method: 'post',
      path: '/api/reports',
      action: 'report.make',
      tag,
      summary: 'Report what is felt; sent twice with the same id it is one report',
      body: reportSchema,
      answer: reportAnswerSchema,
      status: 201,
      run: async (call) => {
        const { body: report, who } = call
        const known = services()
        const at = now()
        const faults = reportFaults(report, activePolicy().policy.reports, known, at)
        if (faults.length > 0)
          throw new UxbridgeError('fields-invalid', `The report lacks something: ${faults[0]?.message}`, {
            fields: faults,
          })
        const by = signedIn(call).actor.id
        const raw = reportRequest({ by, service: serviceOf(report, known), report }, at)
        const { decisions, touched } = await commandRoom.receive(
          reportSource,
          reportAdapter,
          raw,
          reportAdapter.parse(raw),
        )
        const [decision] = decisions
        // A repeat decides nothing; the incident it was counted for is the one that it touched.
        const incidentId = decision === undefined ? ([...touched][0] ?? null) : decision.incidentId
        const outcome = decision?.outcome ?? 'repeated'
        const subject = incidentId ?? reportSource.id
        await commandRoom.record({ ...who, action: 'report.make', subject, outcome: 'done', detail: { outcome } })
        // Whether something of which they see nothing was there before is not theirs to know either.
        if (incidentId !== null && !picture.sees(signedIn(call).actor, incidentId))
          return { id: report.id, incidentId: null, outcome: 'opened' as const, says: reportSays('opened', null) }
        return { id: report.id, incidentId, outcome, says: reportSays(outcome, incidentId) }
      },
    }),
  ]
}
