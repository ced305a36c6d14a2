// Everything that an app can do with the provider, in order, each step a file of `steps`.
//
//   JOURNEY='{"issuer": …, "base": …, "operator": [words of the command line], …}' node journey.mjs
//
// A step is left out only where the provider's document does not offer what it needs. Each step
// says its name when it is done; the last line is a JSON object of what the steps report.
// Exit code 1 and the failed step's name on standard error if a promise is broken.
import { Journey } from './setting.mjs'

const STEPS = [
  'registration',
  'sign-in',
  'chat-api',
  'sso',
  'form-post',
  'prompts',
  'sign-up',
  'totp',
  'mail-code',
  'sms-code',
  'refresh',
  'replay',
  'revocation',
  'key-rotation',
  'introspection',
  'pushed-request',
  'client-keys',
  'dpop',
  'device',
  'self-registration',
  'logout',
]

const journey = await Journey.begin(JSON.parse(process.env.JOURNEY))
const report = { steps: [] }
journey.report = report
let name = ''
try {
  for (name of STEPS) {
    const { title, needs, run } = await import(`./steps/${name}.mjs`)
    if (needs && !needs(journey.app.config.serverMetadata())) continue
    const begun = performance.now()
    report[name] = await run(journey)
    report.steps.push(name)
    console.log(`ok  ${name}: ${title} (${Math.round(performance.now() - begun)} ms)`)
  }
  console.log(JSON.stringify(report))
} catch (error) {
  const cause = error.cause ? ` (${JSON.stringify(error.cause)})` : ''
  console.error(`FAILED  ${name}: ${error.stack}${cause}`)
  process.exitCode = 1
} finally {
  journey.end()
}
