import { type ReactNode, useEffect } from 'react'
import { Link } from 'wouter'
import { useStore } from 'zustand'
import type { PushState } from '../../link/offline/install.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Trouble } from '../../widgets/controls/field.tsx'
import { useApp } from '../context.ts'
import css from './this-device.module.css'

/** What this device does for me when the app is closed or the network is gone; each with the way to change it. */
export function ThisDevice() {
  const { install, device } = useApp()
  const { push, installed, mayInstall, busy, error } = useStore(install.store)
  const lasting = useStore(device.store, (state) => state.lasting)
  const offline = useStore(device.store, (state) => state.offline)
  useEffect(() => void install.begin(), [install])
  return (
    <section className={css.device} aria-label="This device">
      <h2 className="caps">This device</h2>
      <Row title="Notices when this page is closed" state={pushWords[push].state}>
        <p>{pushWords[push].more}</p>
        {push === 'off' && (
          <Button disabled={busy || offline} onClick={() => void install.subscribe()}>
            {offline ? 'Turning them on needs the network' : 'Turn on'}
          </Button>
        )}
        {push === 'on' && (
          <Button disabled={busy || offline} onClick={() => void install.unsubscribe()}>
            {offline ? 'Turning them off needs the network' : 'Turn off'}
          </Button>
        )}
        <p>
          <Link href="/notifications">How and when I am told</Link>
        </p>
        {error !== null && <Trouble>{error.message}</Trouble>}
      </Row>
      <Row title="App" state={installed ? 'on the home screen' : 'in the browser'}>
        {!installed && (
          <p>
            {mayInstall
              ? 'It opens like any other app, without the address bar, and without a network.'
              : 'The browser’s menu has “Install” or “Add to Home Screen”; it opens without a network then.'}
          </p>
        )}
        {mayInstall && <Button onClick={() => void install.install()}>Install</Button>}
      </Row>
      <Row title="Without a network" state={lasting ? 'the last picture is kept here' : 'nothing is kept'}>
        <p>
          {lasting
            ? 'What concerns you, and what you asked for, stays on this device until you sign out. Nobody else who signs in here sees it.'
            : 'This browser keeps nothing (a private window, or no room): what you ask for without a network is lost when the page is closed.'}
        </p>
      </Row>
    </section>
  )
}

/** A newer version is here. It takes over by itself once nobody has touched this page for a while. */
export function NewerVersion() {
  const { install } = useApp()
  const ready = useStore(install.store, (state) => state.updateReady)
  if (!ready) return null
  return (
    <div className={css.newer} role="status">
      <span>A newer version of Uxbridge is on this device.</span>
      <Button onClick={install.update}>Load it</Button>
    </div>
  )
}

function Row({ title, state, children }: { title: string; state: string; children: ReactNode }) {
  return (
    <details className={css.row}>
      <summary>
        <span>{title}</span> <b>{state}</b>
      </summary>
      <div>{children}</div>
    </details>
  )
}

const pushWords: Readonly<Record<PushState, { state: string; more: string }>> = {
  unknown: { state: 'looking', more: 'The browser is asked.' },
  unsupported: {
    state: 'not in this browser',
    more: 'This browser cannot be told anything while the page is closed. E-mail reaches you all the same.',
  },
  insecure: {
    state: 'needs https',
    more: 'Browsers allow it only for addresses with https. Open Uxbridge at its https address.',
  },
  'needs-install': {
    state: 'install the app first',
    more: 'On iPhone and iPad: Share, then “Add to Home Screen”; open Uxbridge from there, and turn it on here.',
  },
  denied: {
    state: 'blocked',
    more: 'You, or this browser for you, said no to notices of this site. Only the browser’s settings for this site change that; then come back here.',
  },
  off: {
    state: 'off',
    more: 'What you would be told elsewhere comes to this screen too: what is offered to you, what nobody has taken, what is late. The browser asks for your permission first.',
  },
  on: {
    state: 'on',
    more: 'They end when you sign out.',
  },
}
