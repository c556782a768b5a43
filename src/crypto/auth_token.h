#ifndef SRC_CRYPTO_AUTH_TOKEN_H
#define SRC_CRYPTO_AUTH_TOKEN_H
/* The token an orchestrator hands out with a session and wants back with each
 * segment. The key lives as long as the process: after a restart all tokens
 * are void. Pure (time is an argument) except for session ids. Any thread.
 * Source: go-livepeer core/orchestrator.go AuthToken, server/rpc.go. */
#include "src/base/err.h"
#include "src/model/wire.h"

#define AUTH_KEY_SIZE 32
#define AUTH_TOKEN_LIFE_S 1800
/* A broadcaster asks anew in the token's last tenth. */
#define AUTH_TOKEN_REFRESH_S (AUTH_TOKEN_LIFE_S / 10)

/* A new session of 8 hex digits, valid for AUTH_TOKEN_LIFE_S. */
void auth_token_issue(struct auth_token *out,
	const uint8_t key[static AUTH_KEY_SIZE], int64_t now_s);
/* The token of a given session and expiry. */
void auth_token_make(struct auth_token *out,
	const uint8_t key[static AUTH_KEY_SIZE], const char *session_id,
	int64_t expiration);
/* `missing auth token`, `invalid auth token`, `expired auth token`: ERR_DENIED
 * and to the letter, status 403. */
struct err *auth_token_verify(const struct auth_token *t,
	const uint8_t key[static AUTH_KEY_SIZE], int64_t now_s) must_check;
bool auth_token_needs_refresh(const struct auth_token *t, int64_t now_s);
#endif
