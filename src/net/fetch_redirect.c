/* Redirects followed, as far as strangers may send us (src/net/scope.h). */
#include "src/net/fetch_private.h"

#include <sys/socket.h>

#define REDIRECTS_MAX 5L

/* false, and t->err, when a redirect leads where no stranger may send us. */
static bool may_go(struct transfer *t, enum scope to)
{
	if (!t->asked || scope_may_redirect(t->scope, to))
		return true;
	if (!t->err)
		t->err = err_new(ERR_DENIED, "redirected to an address that only this "
			"machine or its network can reach");
	return false;
}

/* Before a connection is made ... */
static curl_socket_t on_open_socket(void *ctx, curlsocktype purpose,
	struct curl_sockaddr *a)
{
	(void)purpose;
	if (!may_go(ctx, scope_of(&a->addr)))
		return CURL_SOCKET_BAD;
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

/* ... and before each request, since some go over a connection that is there. */
static int on_request(void *ctx, char *ip, char *our_ip, int port, int our_port)
{
	struct transfer *t = ctx;
	enum scope scope = scope_of_text(ip);

	(void)our_ip;
	(void)port;
	(void)our_port;
	if (!may_go(t, scope))
		return CURL_PREREQFUNC_ABORT;
	t->asked = true;
	t->scope = scope;
	return CURL_PREREQFUNC_OK;
}

#define SET(option, value) curl_easy_setopt(t->easy, option, value)

void transfer_follow(struct transfer *t)
{
	SET(CURLOPT_FOLLOWLOCATION, 1L);
	SET(CURLOPT_MAXREDIRS, REDIRECTS_MAX);
	SET(CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	SET(CURLOPT_OPENSOCKETDATA, t);
	SET(CURLOPT_PREREQFUNCTION, on_request);
	SET(CURLOPT_PREREQDATA, t);
}
