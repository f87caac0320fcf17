import { describe, it } from '@jest/globals'
import { endOf } from '@parley/protocol'
import { ann, bob, cid, echo } from '../test/people.ts'
import { meeting, story } from '../test/story.ts'

describe('the echo bot', () => {
  it('answers at once, and the sfu is told to be it', () => {
    const { given, bot, when, then, thenTheCall } = story()
    given(ann.phone).calls(echo)
    then(ann.phone).waits('Connecting', '12 s')
    then(echo).waits('Connecting', '12 s')
    thenTheCall().did('openBot')
    then(ann.phone).seesOthers('echo Connecting')
    when(ann.phone).getsMedia()
    bot(echo).getsMedia()
    then(ann.phone).sees({ state: 'Connected', kind: 'direct' })
    then(ann.phone).seesOthers('echo Connected')
    then(echo).may('talk')
    thenTheCall().isNeverDue()
  })

  it('goes when its caller hangs up', () => {
    const { given, when, then, thenTheCall } = story()
    given(ann.phone).calls(echo)
    when(ann.phone).hangsUp()
    then(ann.phone).wasTold('call.ended', 'hungUp')
    then(echo).is('Disconnected')
    thenTheCall().did('tell', 'closeMedia', 'closeMedia')
  })

  it('can be removed, and put on hold', () => {
    const { given, when, bot, then } = story()
    given(ann.phone).calls(echo)
    when(ann.phone).getsMedia()
    bot(echo).getsMedia()
    when(ann.phone).holds()
    then(echo).wasGranted('open only')
    when(ann.phone).removes(echo)
    then(ann.phone).isEndedBy('hungUp')
  })

  it('that does not come up, or dies, ends the call at once or in its time', () => {
    const silent = story()
    silent.given(ann.phone).calls(echo)
    silent.when(ann.phone).getsMedia()
    silent.at('12 s').theClockLooks()
    silent.then(ann.phone).sees({ end: endOf('connectFailed') })

    const dead = story()
    dead.given(ann.phone).calls(echo)
    dead.when(ann.phone).getsMedia()
    dead.bot(echo).getsMedia()
    dead.bot(echo).losesMedia()
    dead.then(ann.phone).wasTold('call.ended', 'vanished')
  })

  it('comes into a group, and leaves it with the last person', () => {
    const { when, bot, then, thenTheCall } = meeting()
    when(ann.phone).adds(echo)
    thenTheCall().did('tell', 'openBot')
    bot(echo).getsMedia()
    when(ann.phone).mutesOthers(echo)
    then(ann.phone).seesOthers('bob Connected', 'cid Connected', 'echo Connected muted')
    for (const device of [ann.phone, bob.laptop]) when(device).hangsUp()
    then(echo).is('Connected')
    when(cid.phone).leaves('vanished')
    then(echo).isEndedBy('hungUp')
    thenTheCall().isOverSince('0 s')
  })

  it('has no transfer: nobody is there to follow it', () => {
    const { given, when, bot, thenTheCall } = story()
    given(ann.phone).calls(echo)
    when(ann.phone).getsMedia()
    bot(echo).getsMedia()
    when(ann.phone).transfersTo(bob.laptop)
    thenTheCall().refused('notConnected')
  })
})
