/* What can be tried before a node starts, tried: ports, names, RPCs, keys. Waits
 * for the network, for seconds at most. */
#include "src/node/setup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/eth_json.h"
#include "proto/jsonrpc.h"
#include "src/crypto/signer.h"
#include "src/eth/contracts.h"
#include "src/net/fetch_now.h"
#include "src/net/net.h"
#include "src/net/socket.h"
#include "src/node/passphrase.h"
#include "src/node/unlock.h"

#define RPC_CONNECT_MS 5000
#define RPC_MS 10000
#define RPC_ANSWER_MAX (64u << 10)

static struct err *resolve(const char *address, unsigned default_port,
	struct sockaddr_storage *out)
{
	const char *at = strstr(address, "://");
	char host[256], text[300];
	unsigned port;

	at = at ? at + 3 : address;
	if (!address_split(at, host, &port))
		return err_new(ERR_INVALID, "\"%s\" is no address: write host:port", address);
	snprintf(text, sizeof(text), strchr(host, ':') ? "[%s]:%u" : "%s:%u", host,
		port ? port : default_port);
	return socket_resolve(text, out);
}

struct err *setup_check_host(const char *address, unsigned default_port)
{
	struct sockaddr_storage ignored;
	struct err *e = resolve(address, default_port, &ignored);

	return err_wrap(e, "others could not find it");
}

struct err *setup_check_port(const char *address, unsigned default_port)
{
	struct sockaddr_storage at;
	struct err *e = resolve(address, default_port, &at);
	const struct sockaddr *sa = (const struct sockaddr *)&at;
	socklen_t size = at.ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
		: sizeof(struct sockaddr_in);
	int fd, on = 1;

	if (e)
		return e;
	fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* As a node listens: what a connection of yesterday holds is free. */
	if (fd >= 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, sa, size) != 0 || listen(fd, 1) != 0)
		e = err_sys(errno, "nothing can listen on %s", address);
	if (fd >= 0)
		close(fd);
	return e;
}

/* --- the chain --- */

static struct err *read_chain_id(const struct posted *p, uint64_t *id)
{
	struct jsonrpc_answers *a = NULL;
	struct err *e = NULL;

	if (p->status != 200)
		return err_new(ERR_UNAVAILABLE, "it answers with HTTP %d", p->status);
	e = jsonrpc_read(&a, str_cstr(&p->body), p->body.len, 1, 1);
	if (!e && !jsonrpc_result(a, 0))
		e = err_new(ERR_UNAVAILABLE, "it refuses to tell its chain id");
	if (!e)
		e = eth_u64(id, jsonrpc_result(a, 0));
	jsonrpc_free(a);
	return e;
}

static struct err *ask_chain_id(const char *url, uint64_t *id)
{
	struct jsonrpc_call call = {"eth_chainId", xstrdup("[]")};
	struct fetch_now *f = fetch_now_new();
	struct str body = STR_INIT;
	struct posted answer = {0};
	struct err *e;

	jsonrpc_write(&body, &call, 1, 1);
	e = fetch_now(f, &(struct post){
		.url = url, .content_type = "application/json", .body = body.s,
		.body_n = body.len, .connect_ms = RPC_CONNECT_MS, .total_ms = RPC_MS,
		.max_body = RPC_ANSWER_MAX}, &answer);
	if (!e)
		e = read_chain_id(&answer, id);
	posted_clear(&answer);
	fetch_now_free(f);
	str_clear(&body);
	free(call.params);
	return e;
}

struct err *setup_check_rpc(const char *urls, const char *name)
{
	char *url = xstrndup(urls, strcspn(urls, ", "));
	const struct network *network = network_find(name);
	uint64_t id = 0;
	struct err *e = ask_chain_id(url, &id);

	if (!e && network && network->chain_id && network->chain_id != id)
		e = err_new(ERR_INVALID, "it is of chain %llu, and %s is chain %llu",
			(unsigned long long)id, name, (unsigned long long)network->chain_id);
	free(url);
	return e;
}

/* --- files --- */

struct err *setup_check_file(const char *path)
{
	FILE *f = fopen(path, "re");
	struct err *e = NULL;

	if (!f)
		return err_sys(errno, "%s", path);
	if (fgetc(f) == EOF)
		e = err_new(ERR_INVALID, "%s is empty", path);
	fclose(f);
	return e;
}

static void ignore(void *ctx, const char *text)
{
	(void)ctx;
	(void)text;
}

/* The account is looked for and tried, never made. */
struct err *setup_check_key(const struct config *c)
{
	struct remarks none = {ignore, NULL};
	struct keydir_entry entry;
	struct signer *signer = NULL;
	char *password = NULL;
	const char *whence = "";
	struct err *e = unlock_choose(c, none, &entry);

	if (e)
		return e; /* it says how to get one */
	e = unlock_password(c, none, &password, &whence);
	if (!e && password)
		e = unlock_entry(&entry, password, whence, none, &signer);
	signer_free(signer);
	passphrase_free(password);
	keydir_entry_clear(&entry);
	return e;
}
