import { Dialog } from '../../widgets/controls/dialog.tsx'
import { Key } from '../../widgets/marks/marks.tsx'
import { useApp } from '../context.ts'
import css from './overlays.module.css'

const groups: readonly [string, readonly [readonly string[], string][]][] = [
  [
    'Move',
    [
      [['j', '↓'], 'next incident'],
      [['k', '↑'], 'the one before'],
      [['Home', 'End'], 'first, last'],
      [['↵'], 'open its page'],
      [['Esc'], 'back; close the detail'],
      [['/'], 'filter by words'],
    ],
  ],
  [
    'In the filter room',
    [
      [['j', 'k'], 'next rule, the one before'],
      [['/'], 'find rules by words'],
      [['Esc'], 'close the rule'],
    ],
  ],
  [
    'In services and the rota',
    [
      [['j', 'k'], 'next service, the one before'],
      [['/'], 'find services by words'],
      [['←', '→', '↑', '↓'], 'from shift to shift'],
      [['↵'], 'what can be done with it'],
    ],
  ],
  [
    'Act on the chosen incident',
    [
      [['c'], 'claim'],
      [['o'], 'hand off'],
      [['a'], 'read the brief and accept'],
      [['u'], 'update'],
      [['n'], 'note'],
      [['w'], 'add a task'],
      [['v'], 'add evidence'],
      [['e'], 'escalate'],
      [['t'], 'classify'],
      [['p'], 'set the phase'],
      [['m'], 'merge it into another'],
      [['s'], 'split alerts off it'],
      [['x'], 'choose it; m then merges the chosen ones'],
    ],
  ],
  [
    'Anywhere',
    [
      [['d'], 'declare an incident (on the board)'],
      [['Ctrl K'], 'find any incident, act or screen'],
      [['?'], 'these keys'],
    ],
  ],
]

/** The keys, listed. */
export function Help() {
  const { act } = useApp()
  return (
    <Dialog open wide onClose={() => act.store.setState({ help: false })} title="Keys">
      <div className={css.help}>
        {groups.map(([title, rows]) => (
          <section key={title}>
            <h3 className="caps">{title}</h3>
            <dl>
              {rows.map(([keys, words]) => (
                <div key={words}>
                  <dt>
                    {keys.map((key) => (
                      <Key key={key}>{key}</Key>
                    ))}
                  </dt>
                  <dd>{words}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
