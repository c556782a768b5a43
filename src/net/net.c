#include "src/net/net.h"
#include "src/net/net_private.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/str.h"

#define WORK_LIMIT 4096

struct net *net_new(const struct log *log)
{
	struct net *n = XNEW(struct net);

	/* A peer that vanishes is an error of write(), never a signal. */
	signal(SIGPIPE, SIG_IGN);
	LIST_INIT(&n->ports);
	n->log = log_child(log, "net");
	n->actor = actor_new("net", WORK_LIMIT);
	return n;
}

static void on_stop(void *ctx)
{
	struct net *n = ctx;

	n->stopping = true;
	if (n->fetcher_stop)
		n->fetcher_stop(n);
	ports_stop(n);
}

void net_stop(struct net *n)
{
	if (n->stopped)
		return;
	n->stopped = true;
	actor_call(n->actor, on_stop, n);
	actor_join(n->actor);
}

void net_free(struct net *n)
{
	if (!n)
		return;
	net_stop(n);
	actor_free(n->actor);
	ports_free(n);
	log_free(n->log);
	free(n);
}

struct actor *net_actor(struct net *n)
{
	return n->actor;
}

const struct log *net_log(struct net *n)
{
	return n->log;
}

bool address_split(const char *text, char host[static 256], unsigned *port)
{
	const char *end, *digits = NULL;
	uint64_t number = 0;
	size_t len;

	if (*text == '[') {
		end = strchr(++text, ']');
		if (!end || (end[1] && end[1] != ':'))
			return false;
		if (end[1])
			digits = end + 2;
	} else {
		end = strchr(text, ':');
		if (!end)
			end = text + strlen(text);
		else
			digits = end + 1;
	}
	if (digits && (!parse_u64(digits, &number) || number > 65535))
		return false;
	len = end - text;
	if (len > 255)
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	*port = number;
	return true;
}
