#include "ui/dial.h"

#include "src/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define GREETING_MS 5000

/* Whoever listens could show anything and be told anything: only this user,
 * root, or whom root trusts by naming the socket. */
static struct err *check_owner(int s, const char *path)
{
	struct ucred peer;
	socklen_t n = sizeof(peer);

	if (getsockopt(s, SOL_SOCKET, SO_PEERCRED, &peer, &n))
		return err_sys(errno, "%s", path);
	if (peer.uid == geteuid() || peer.uid == 0 || geteuid() == 0)
		return NULL;
	return err_new(ERR_DENIED, "%s is of another user, %u; a console goes to a "
		"node of its own user only", path, (unsigned)peer.uid);
}

/* connect() would wait for ever where a stopped node's queue is full. */
static int connect_now(int s, const struct sockaddr_un *a)
{
	int rc = connect(s, (const struct sockaddr *)a, sizeof(*a));

	return !rc ? fcntl(s, F_SETFL, 0) : rc;
}

struct err *dial(const char *path, int *fd)
{
	struct err *e;

	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int s;

	*fd = -1;
	if (strlen(path) >= sizeof(a.sun_path))
		return err_new(ERR_INVALID, "socket path too long: %s", path);
	memcpy(a.sun_path, path, strlen(path));
	s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s < 0)
		return err_sys(errno, "socket");
	if (connect_now(s, &a)) {
		e = errno == ENOENT || errno == ECONNREFUSED
			? err_new(ERR_UNAVAILABLE, "no node runs at %s; "
				"\"weir run\" starts one", path)
			: errno == EACCES
			? err_new(ERR_DENIED, "%s is of another user", path)
			: err_sys(errno, "%s", path);

		close(s);
		return e;
	}
	e = check_owner(s, path);
	if (e)
		close(s);
	else
		*fd = s;
	return e;
}

struct err *talk_write(struct talk *c, const struct str *frames)
{
	for (size_t at = 0; at < frames->len;) {
		ssize_t n = send(c->fd, frames->s + at, frames->len - at,
			MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return err_sys(errno, "console socket");
		at += n > 0 ? (size_t)n : 0;
	}
	return NULL;
}

struct err *talk_subscribe(struct talk *c, uint32_t sections)
{
	struct ctl_subscribe s = {.sections = sections};
	struct str out = STR_INIT;
	struct err *e;

	ctl_write_subscribe(&out, &s);
	e = talk_write(c, &out);
	str_clear(&out);
	return e;
}

static struct err *read_more(struct talk *c, int64_t deadline)
{
	char buf[16384];
	struct pollfd p = {c->fd, POLLIN, 0};
	int64_t left = deadline - clock_mono_ms();
	ssize_t n;

	if (left <= 0 || !poll(&p, 1, (int)left))
		return err_new(ERR_TIMEOUT, "the node does not answer");
	n = recv(c->fd, buf, sizeof(buf), MSG_DONTWAIT);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return NULL;
	if (n < 0)
		return err_sys(errno, "console socket");
	if (!n)
		return err_new(ERR_UNAVAILABLE, "the node hung up");
	ctl_reader_feed(c->reader, buf, (size_t)n);
	return NULL;
}

struct err *talk_next(struct talk *c, struct ctl_frame *out, int64_t deadline)
{
	struct err *e;
	char *reason;
	bool got;

	for (;;) {
		e = ctl_reader_next(c->reader, out, &got);
		if (e || got)
			break;
		e = read_more(c, deadline);
		if (e)
			return e;
	}
	if (e || out->type != CTL_BYE)
		return e;
	e = ctl_bye_decode(out, &reason);
	if (!e)
		e = err_new(ERR_UNAVAILABLE, "%s", reason);
	free(reason);
	return e;
}

struct err *talk_open(struct talk *c, const char *path)
{
	struct str hello = STR_INIT;
	struct ctl_frame f;
	struct err *e;

	*c = (struct talk){.fd = -1};
	e = dial(path, &c->fd);
	if (e)
		return e;
	c->reader = ctl_reader_new(CTL_MAX_FROM_NODE);
	ctl_write_hello(&hello, getpid());
	e = talk_write(c, &hello);
	str_clear(&hello);
	if (!e)
		e = talk_next(c, &f, clock_mono_ms() + GREETING_MS);
	if (!e && f.type != CTL_HELLO)
		e = err_new(ERR_PROTOCOL, "the node did not greet");
	if (!e)
		e = ctl_hello_decode(&f, &c->node);
	if (!e && c->node.protocol != CTL_PROTOCOL)
		e = err_new(ERR_PROTOCOL, "the node speaks protocol %lld, "
			"this weir %d", (long long)c->node.protocol,
			CTL_PROTOCOL);
	if (e)
		talk_close(c);
	return e;
}

void talk_close(struct talk *c)
{
	if (c->fd >= 0)
		close(c->fd);
	ctl_reader_free(c->reader);
	ctl_hello_clear(&c->node);
	*c = (struct talk){.fd = -1};
}
