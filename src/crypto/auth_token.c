#include "src/crypto/auth_token.h"

#include <stdio.h>
#include <string.h>

#include "src/crypto/mac.h"
#include "src/crypto/random.h"

#define SESSION_BYTES 4

static void token_mac(uint8_t out[static MAC_SIZE],
	const uint8_t key[static AUTH_KEY_SIZE], const char *session_id,
	int64_t expiration)
{
	uint8_t msg[SESSION_ID_SIZE + sizeof(expiration)];
	size_t n = strnlen(session_id, SESSION_ID_SIZE);
	uint64_t left = (uint64_t)expiration;

	memcpy(msg, session_id, n);
	/* Big-endian without leading zeros, as Go's big.Int gives bytes. */
	for (unsigned shift = 64; shift; shift -= 8) {
		if (left >> (shift - 8))
			msg[n++] = (uint8_t)(left >> (shift - 8));
	}
	mac_sha256(out, key, AUTH_KEY_SIZE, msg, n);
}

void auth_token_make(struct auth_token *out,
	const uint8_t key[static AUTH_KEY_SIZE], const char *session_id,
	int64_t expiration)
{
	*out = (struct auth_token){.present = true, .token_len = MAC_SIZE,
		.expiration = expiration};
	snprintf(out->session_id, sizeof(out->session_id), "%s", session_id);
	token_mac(out->token, key, out->session_id, expiration);
}

void auth_token_issue(struct auth_token *out,
	const uint8_t key[static AUTH_KEY_SIZE], int64_t now_s)
{
	char session[2 * SESSION_BYTES + 1];

	random_hex(session, SESSION_BYTES);
	auth_token_make(out, key, session, now_s + AUTH_TOKEN_LIFE_S);
}

struct err *auth_token_verify(const struct auth_token *t,
	const uint8_t key[static AUTH_KEY_SIZE], int64_t now_s)
{
	uint8_t want[MAC_SIZE];

	if (!t->present)
		return err_new(ERR_DENIED, "missing auth token");
	token_mac(want, key, t->session_id, t->expiration);
	if (t->token_len != MAC_SIZE || !mac_equal(t->token, want, MAC_SIZE))
		return err_new(ERR_DENIED, "invalid auth token");
	if (now_s > t->expiration)
		return err_new(ERR_DENIED, "expired auth token");
	return NULL;
}

bool auth_token_needs_refresh(const struct auth_token *t, int64_t now_s)
{
	return now_s > t->expiration - AUTH_TOKEN_REFRESH_S;
}
