#ifndef SRC_NET_TLS_H
#define SRC_NET_TLS_H
/* The server's side of TLS, in memory: a context with a fresh self-signed
 * certificate, and sessions that turn ciphertext into plaintext and back.
 * Nobody in this network verifies certificates; signatures do that work.
 * Certificate and ALPN as in go-livepeer's server/cert.go and rpc.go: ECDSA
 * P-256, CA:TRUE, one DNS name. A session belongs to the net actor. */
#include "src/base/err.h"
#include "src/base/str.h"

struct tls; /* immutable once made; any thread */

/* name: SAN of the certificate. dir: where cert.pem and key.pem are written,
 * mode 0600; NULL writes nothing. */
struct err *tls_new(const char *name, const char *dir, struct tls **out)
	must_check;
void tls_free(struct tls *t);

enum tls_alpn { TLS_ALPN_NONE, TLS_ALPN_H1, TLS_ALPN_H2 };

struct tls_session;
struct tls_session *tls_session_new(struct tls *t);
void tls_session_free(struct tls_session *s);
/* Ciphertext from the peer. */
void tls_feed(struct tls_session *s, const uint8_t *p, size_t n);
/* Plaintext: how much of it, 0 none now, -1 the peer closed or failed. Drives
 * the handshake too. */
int tls_read(struct tls_session *s, uint8_t *buf, int n);
bool tls_is_open(const struct tls_session *s); /* the handshake is done */
enum tls_alpn tls_alpn(const struct tls_session *s);
/* Plaintext for the peer; the session must be open. */
void tls_write(struct tls_session *s, const uint8_t *p, size_t n);
void tls_close(struct tls_session *s); /* says goodbye */
/* Moves the ciphertext for the peer to the end of out. */
void tls_drain(struct tls_session *s, struct str *out);
#endif
