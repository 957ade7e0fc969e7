import { CSPProvider } from '@base-ui/react/csp-provider'
import { Suspense, useEffect, useRef } from 'react'
import { Link, Redirect, Route, Switch, useLocation, useSearch } from 'wouter'
import { useStore } from 'zustand'
import type { App } from '../app.ts'
import { HopTip, TipProvider } from '../widgets/chain/tip.tsx'
import { later, whenIdle } from '../widgets/later.ts'
import { Board, Detail } from './board/board.tsx'
import { isTyping } from './board/keys.ts'
import { Fault, Loading, NeedsNetwork, ServerInTrouble, ServerNewer, Unreachable } from './conditions/conditions.tsx'
import { AppContext, useApp, useLink, useMe, useMedia } from './context.ts'
import { Menu } from './frame/account.tsx'
import { Notices } from './frame/notices.tsx'
import { WaitingChip } from './mine/chip.tsx'

// The board is what most people open; everything else comes when it is wanted, or when there is time.
const Enter = later(() => import('./signin/enter.tsx').then(({ Enter }) => Enter))
const ActLink = later(() => import('./act-link/act-link.tsx').then(({ ActLink }) => ActLink))
const NotifyPage = later(() => import('./notify/notify.tsx').then(({ NotifyPage }) => NotifyPage))
const SignIn = later(() => import('./signin/sign-in.tsx').then(({ SignIn }) => SignIn))
const IncidentPage = later(() => import('./incident/page.tsx').then(({ IncidentPage }) => IncidentPage))
const Wall = later(() => import('./wall/wall.tsx').then(({ Wall }) => Wall))
const Mine = later(() => import('./mine/mine.tsx').then(({ Mine }) => Mine))
const People = later(() => import('./people/people.tsx').then(({ People }) => People))
const ReportPage = later(() => import('./report/report.tsx').then(({ ReportPage }) => ReportPage))
const Sources = later(() => import('./sources/sources.tsx').then(({ Sources }) => Sources))
const CataloguePage = later(() => import('./catalogue/catalogue.tsx').then(({ CataloguePage }) => CataloguePage))
const RotaPage = later(() => import('./rota/rota.tsx').then(({ RotaPage }) => RotaPage))
const Silences = later(() => import('./silences/silences.tsx').then(({ Silences }) => Silences))
const SourcePage = later(() => import('./sources/page/page.tsx').then(({ SourcePage }) => SourcePage))
const TotePage = later(() => import('./tote/tote.tsx').then(({ TotePage }) => TotePage))
const PolicyPage = later(() => import('./policy/policy.tsx').then(({ PolicyPage }) => PolicyPage))
const Channels = later(() => import('./channels/channels.tsx').then(({ Channels }) => Channels))
const Lost = later(() => import('./lost/lost.tsx').then(({ Lost }) => Lost))
const FilterRoom = later(() => import('./filter/room.tsx').then(({ FilterRoom }) => FilterRoom))
const AlarmLoadPage = later(() => import('./filter/load/page.tsx').then(({ AlarmLoadPage }) => AlarmLoadPage))
const Acts = later(() => import('./acts/acts.tsx').then(({ Acts }) => Acts))
const Palette = later(() => import('./frame/palette.tsx').then(({ Palette }) => Palette))
const Help = later(() => import('./frame/help.tsx').then(({ Help }) => Help))

export function Root({ app }: { app: App }) {
  return (
    <AppContext value={app}>
      {/* The content policy allows no style elements made on the way. */}
      <CSPProvider disableStyleElements>
        <Fault>
          <TipProvider>
            <Suspense fallback={<Loading />}>
              <Doors />
            </Suspense>
          </TipProvider>
        </Fault>
      </CSPProvider>
    </AppContext>
  )
}

/** Who may come in where: one-time links first, then those who are signed in, then the rest. */
function Doors() {
  const { session } = useApp()
  const state = useStore(session.store)
  const [path] = useLocation()
  if (path === '/setup' || path === '/invitation' || path === '/join')
    return <Enter purpose={path === '/setup' ? 'setup' : 'invitation'} />
  if (path === '/act') return <ActLink />
  switch (state.kind) {
    case 'unknown':
      return <Loading />
    case 'unreachable':
      return <Unreachable message={state.message} onRetry={() => void session.look()} />
    case 'signed-out':
      return <SignIn ended={state.ended} />
    case 'signed-in':
      return <Screens />
  }
}

function Screens() {
  const newer = useLink((report) => report.newer)
  const trouble = useLink((report) => report.trouble)
  const [path] = useLocation()
  const wall = path === '/wall'
  const first = useOpensOnMine()
  const away = useAway() && !first && path !== '/mine'
  // What somebody may press while the server is away must be here before.
  useEffect(() => {
    if (wall) return
    return whenIdle(() => {
      for (const part of [HopTip, Detail, Menu, Acts, IncidentPage, Palette, Help]) part.prefetch()
    })
  }, [wall])
  // Nobody stands at a wall to press a button.
  useEffect(() => {
    if (newer && wall) location.reload()
  }, [newer, wall])
  return (
    <>
      {trouble !== null && <ServerInTrouble words={trouble} />}
      {newer && !wall && <ServerNewer />}
      <Switch>
        {away && (
          <Route>
            <NeedsNetwork />
          </Route>
        )}
        <Route path="/">{first ? <Redirect to="/mine" replace /> : <Board />}</Route>
        <Route path="/mine">
          <Mine />
        </Route>
        <Route path="/incident/:id">{({ id }) => <IncidentPage id={id} key={id} />}</Route>
        <Route path="/wall">
          <Wall />
        </Route>
        <Route path="/people">
          <People />
        </Route>
        <Route path="/report">
          <ReportPage />
        </Route>
        <Route path="/sources">
          <Sources />
        </Route>
        <Route path="/sources/:id">{({ id }) => <SourcePage id={id} key={id} />}</Route>
        <Route path="/tote">
          <TotePage />
        </Route>
        <Route path="/services">
          <CataloguePage />
        </Route>
        <Route path="/rota">
          <RotaPage />
        </Route>
        <Route path="/silences">
          <Silences />
        </Route>
        <Route path="/filter">
          <FilterRoom />
        </Route>
        <Route path="/filter/load">
          <AlarmLoadPage />
        </Route>
        <Route path="/filter/policy">
          <PolicyPage />
        </Route>
        <Route path="/notifications">
          <NotifyPage />
        </Route>
        <Route path="/channels">
          <Channels />
        </Route>
        <Route path="/lost">
          <Lost />
        </Route>
        <Route>
          <NoSuchPage />
        </Route>
      </Switch>
      {!wall && <Overlays />}
    </>
  )
}

/** Nothing has come from the server since this page was opened, and nothing can. */
function useAway(): boolean {
  const { board, device } = useApp()
  const known = useStore(board, (state) => state.seq !== null)
  const offline = useStore(device.store, (state) => state.offline)
  const stale = useLink((report) => report.state.kind === 'stale')
  return !known && (offline || stale)
}

/**
 * Whether this page was opened at the front door by a responder with a phone: their page comes first, and the board is one
 * press away. Whoever leads, or sits at a desk, comes to the board.
 */
function useOpensOnMine(): boolean {
  const { roles } = useMe()
  const narrow = useMedia('(max-width: 700px)')
  const [path] = useLocation()
  const search = useSearch()
  const opened = useRef(path === '/' && search === '')
  useEffect(() => {
    if (path !== '/') opened.current = false
  }, [path])
  return opened.current && narrow && roles.includes('responder') && !roles.includes('commander')
}

/** What lies over every screen: messages, dialogs, the palette, the keys. */
function Overlays() {
  const { act } = useApp()
  const { doing, help, palette } = useStore(act.store)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const withCtrl = (event.ctrlKey || event.metaKey) && !event.altKey
      if (withCtrl && event.key.toLowerCase() === 'k') act.store.setState({ palette: !act.store.getState().palette })
      else if (event.key === '?' && !isTyping(event.target)) act.store.setState({ help: true })
      else return
      event.preventDefault()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [act])
  return (
    <>
      <Notices />
      <WaitingChip />
      <Suspense fallback={null}>
        {doing !== null && <Acts doing={doing} />}
        {palette && <Palette />}
        {help && <Help />}
      </Suspense>
    </>
  )
}

function NoSuchPage() {
  useEffect(() => {
    document.title = 'No such page · Uxbridge'
  }, [])
  return (
    <main style={{ padding: '12vh 24px', textAlign: 'center' }}>
      <h1>There is no such page</h1>
      <p>
        <Link href="/">To the board</Link>
      </p>
    </main>
  )
}
