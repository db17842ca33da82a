// Copyright: (c) 2026, hubsmith contributors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// An OpenID provider, of which only who and what it knows is ours: world.json holds its clients, and the groups of its people.
// Its own login form takes any password, as passwords are no business of the hub's.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import Provider from 'oidc-provider'

const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8')
// Read each time, so that a test can change who is in which group.
const people = () => JSON.parse(read('world.json')).people

const account = (name) => ({ accountId: name, claims: () => ({ sub: name, preferred_username: name, groups: people()[name] }) })
const findAccount = (ctx, name) => name in people() ? account(name) : undefined

// Nobody is asked whether the hub may know who they are.
async function loadExistingGrant (ctx) {
  const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId })
  grant.addOIDCScope('openid profile email')
  await grant.save()
  return grant
}

const provider = new Provider(process.argv[2], {
  clients: JSON.parse(read('world.json')).clients,
  claims: { openid: ['sub'], profile: ['preferred_username', 'groups'], email: ['email'] },
  cookies: { keys: ['a key for the tests'] },
  pkce: { required: () => true },
  findAccount,
  loadExistingGrant,
})

createServer({ cert: read('tls.crt'), key: read('tls.key') }, provider.callback()).listen(443)
