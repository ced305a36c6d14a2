// The focus, where a list has a say in it.

/** A list hides a row until it has measured it, and what is hidden takes no focus. */
export async function focusOn(row) {
  await row.waitFor();
  await row.focus();
}
