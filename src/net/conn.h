#ifndef SRC_NET_CONN_H
#define SRC_NET_CONN_H
/* One accepted connection: socket, TLS if any, the protocol's machine, and
 * the exchanges running on it. Belongs to the net actor.
 *
 * Nothing is written while a handler runs: whoever gave the machine something
 * to say calls conn_touch(), and the loop, before it waits again, flushes each
 * touched connection once. So handlers cannot be re-entered, an exchange never
 * vanishes under the function that answers it, and answers of one turn share
 * one write(). */
#include "proto/http.h"
#include "src/net/port.h"

struct tls_session;

/* A peer that takes nothing for so long while output waits is dropped. */
#define CONN_STALL_MS 60000

TAILQ_HEAD(exchange_list, exchange);

enum conn_state {
	CONN_OPENING,  /* TLS handshake, or not yet clear which protocol */
	CONN_RUNNING,
	CONN_LINGERING, /* said all; waiting for the peer to have heard it */
	CONN_CLOSED,
};

struct conn {
	LIST_ENTRY(conn) link; /* in its port */
	TAILQ_ENTRY(conn) touched_link;
	struct port *port;
	struct net *net;
	enum conn_state state;
	bool touched, reading, writing, quiesced;

	uv_tcp_t tcp;
	uv_write_t write;
	struct tls_session *tls; /* NULL: clear text */
	struct http *http;	 /* NULL while OPENING */
	bool is_h2;
	uint8_t first[3]; /* bytes that tell h2c from HTTP/1.1 */
	unsigned first_n;

	struct str out;	     /* for the socket, not yet handed to it */
	struct str inflight; /* being written by the loop */
	uint64_t out_total;  /* bytes ever put into out */
	uint64_t sent_total; /* of those, handed to the socket */

	struct exchange_list exchanges; /* running */
	struct exchange_list leaving;	/* answered; last bytes still in out */
	unsigned exchanges_n;

	int64_t head_since; /* ms; 0: the peer owes us no head */
	int64_t active_at;  /* ms; last byte in or end of an exchange */
	int64_t stuck_since; /* ms; 0: no output waits for the peer */
	size_t stuck_n;	     /* bytes that waited when last looked at */
	int64_t linger_since;
	size_t lingered; /* bytes read and dropped since */
	char remote[72];
};

/* Accepts from a port's listening socket, or refuses when that is full. */
void conn_accept(struct port *p);
void conn_touch(struct conn *c);
void conn_flush(struct conn *c); /* port.c, before the loop waits */
/* Looks at the deadlines; may close. */
void conn_watch(struct conn *c, int64_t now_ms);
/* No new requests; idle ones close. */
void conn_quiesce(struct conn *c);
/* At once. Its exchanges end with sent = false; it frees itself later. */
void conn_close(struct conn *c, const char *why);

/* port.c: puts c on the list of connections to flush, or takes it off. */
void acceptor_touch(struct net *n, struct conn *c);
void acceptor_untouch(struct net *n, struct conn *c);
uint8_t *acceptor_buffer(struct net *n, size_t *size); /* for one read */
uint8_t *acceptor_plain(struct net *n, size_t *size);  /* decrypted */

/* exchange.c: what happens to c's requests, and their deadlines. */
void exchange_on_event(struct conn *c, struct http_event *e);
void exchange_watch(struct conn *c, int64_t now_ms);
/* Those leaving whose last byte is out by now. */
void exchange_on_sent(struct conn *c);
void exchange_on_conn_closed(struct conn *c);
#endif
