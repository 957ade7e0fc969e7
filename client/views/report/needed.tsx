import css from './report.module.css'

/** Marks a field that the policy requires, in a word. */
export function Needed() {
  return (
    <>
      {' '}
      <span className={css.needed}>needed</span>
    </>
  )
}
