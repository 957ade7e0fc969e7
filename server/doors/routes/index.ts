import { type AlarmLoadRouteParts, alarmLoadRoutes } from './alarm-load.ts'
import { type AlertmanagerRouteParts, alertmanagerRoutes } from './alertmanager/index.ts'
import { type BriefRouteParts, briefRoutes } from './briefs.ts'
import { type CatalogueRouteParts, catalogueRoutes } from './catalogue.ts'
import { type ChannelRouteParts, channelRoutes } from './channels.ts'
import { clockRoutes } from './clocks.ts'
import { commandRoutes } from './commands.ts'
import { type DrillRouteParts, drillRoutes } from './drills.ts'
import { type DutyRouteParts, dutyRoutes } from './duty.ts'
import { evidenceRoutes } from './evidence.ts'
import { type FilterRouteParts, filterRoutes } from './filter.ts'
import { incidentRoutes } from './incidents.ts'
import { lostRoutes } from './lost.ts'
import { type NotifyRouteParts, notifyRoutes } from './notify.ts'
import { peopleRoutes } from './people.ts'
import { type PolicyRouteParts, policyRoutes } from './policy.ts'
import { reportRoutes } from './reports.ts'
import type { Route } from './route.ts'
import { sessionRoutes } from './session.ts'
import { sightRoutes } from './sight.ts'
import { silenceRoutes } from './silences.ts'
import { type SimilarRouteParts, similarRoutes } from './similar.ts'
import { type SourcePageParts, sourcePageRoutes } from './source-page.ts'
import { sourceRoutes } from './sources.ts'
import { type SystemRouteParts, systemRoutes } from './system.ts'
import { tokenRoutes } from './tokens.ts'
import { type ToteRouteParts, toteRoutes } from './tote.ts'
import { tryRoutes } from './try.ts'

export type RouteParts = SystemRouteParts &
  SourcePageParts &
  AlertmanagerRouteParts &
  FilterRouteParts &
  AlarmLoadRouteParts &
  SimilarRouteParts &
  ToteRouteParts &
  PolicyRouteParts &
  CatalogueRouteParts &
  BriefRouteParts &
  DrillRouteParts &
  DutyRouteParts &
  NotifyRouteParts &
  ChannelRouteParts & { now: () => number }

/** THE list of HTTP routes besides intake: registration, authorisation, validation and documentation follow from it. */
export function allRoutes(parts: RouteParts): Route[] {
  return [
    ...systemRoutes(parts),
    ...sessionRoutes(parts.access),
    ...incidentRoutes(parts),
    ...briefRoutes(parts),
    ...commandRoutes(parts),
    ...clockRoutes(parts),
    ...evidenceRoutes(parts),
    ...similarRoutes(parts),
    ...sightRoutes(parts),
    ...reportRoutes(parts),
    ...peopleRoutes(parts.access, () => parts.activePolicy().policy, parts.baseUrl),
    ...silenceRoutes(parts),
    ...sourceRoutes(parts),
    ...sourcePageRoutes(parts),
    ...tryRoutes(parts),
    ...lostRoutes(parts),
    ...tokenRoutes(parts.access, parts.now),
    ...alertmanagerRoutes(parts),
    ...filterRoutes(parts),
    ...alarmLoadRoutes(parts),
    ...toteRoutes(parts),
    ...policyRoutes(parts),
    ...catalogueRoutes(parts),
    ...drillRoutes(parts),
    ...dutyRoutes(parts),
    ...channelRoutes(parts),
    ...notifyRoutes(parts),
  ]
}
