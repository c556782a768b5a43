#ifndef SRC_NET_NET_H
#define SRC_NET_NET_H
/* The net actor: every socket of the node lives on its one loop, except the
 * console's. It never blocks and never touches the database. */
#include "src/base/actor.h"
#include "src/base/log.h"

struct net;

struct net *net_new(const struct log *log);
/* Closes ports and connections, cancels fetches (their replies get
 * ERR_CANCELLED), joins the actor. What is posted to it from then on waits for
 * net_free() and finds no exchange: so the order of ending is net_stop(), then
 * the actors that answer over the net, then net_free(). Not from an actor. */
void net_stop(struct net *n);
void net_free(struct net *n); /* stops it if need be; NULL ok */
struct actor *net_actor(struct net *n);
const struct log *net_log(struct net *n);

/* --- listening: call at start-up, from any thread that is no actor --- */
struct router;
struct port;
enum port_kind {
	PORT_HTTP, /* clear text: HTTP/1.1, h2c by prior knowledge */
	PORT_TLS,  /* HTTP/2 and HTTP/1.1 by ALPN, self-signed certificate */
};
struct port_options {
	enum port_kind kind;
	const char *address;   /* "host:port", ":port" = all, port 0 = any */
	const char *tls_name;  /* SAN of the certificate: service host */
	const char *tls_dir;   /* cert.pem, key.pem are written there; NULL no */
	struct router *router; /* must outlive the port */
	/* Limits; 0 takes the default in the comment. */
	unsigned max_conns;    /* 4096 */
	unsigned head_ms;      /* 10000: TLS handshake, and a request's head */
	unsigned idle_ms;      /* 600000 between requests */
	size_t max_header;     /* 1 MiB + 64 KiB for a request's head */
};
struct err *net_listen(struct net *n, const struct port_options *o,
	struct port **out) must_check;
/* "127.0.0.1:8935" as bound (a port 0 is resolved); valid while it lives. */
const char *port_address(const struct port *p);
unsigned port_number(const struct port *p);
unsigned port_conns(const struct port *p); /* any thread */
/* Refuses new connections and requests; running exchanges go on. */
void port_close(struct port *p);
/* The same, and ends what goes on: peers see their connections closed. */
void port_end(struct port *p);

/* Splits "host:port", "[::1]:port", ":port"; port may be missing (0). */
bool address_split(const char *text, char host[static 256], unsigned *port)
	must_check;
#endif
