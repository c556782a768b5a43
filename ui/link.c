#include "ui/link.h"

#include "src/base/secret.h"
#include "ui/dial.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKOFF_FIRST_MS 250
#define BACKOFF_MAX_MS 5000
#define READ_SIZE (256 << 10) /* one turn's worth: keys wait no longer */

struct link {
	char *path;
	struct mirror *mirror;
	int fd;
	struct ctl_reader *reader;
	struct str out;
	int64_t node_pid; /* of the last node greeted */
	bool renumbered;  /* it has said goodbye: what comes is another run */
	int64_t retry_at, backoff;
	char *buf;
};

struct link *link_new(const char *path, struct mirror *m)
{
	struct link *l = XNEW(struct link);

	l->path = xstrdup(path);
	l->mirror = m;
	l->fd = -1;
	l->backoff = BACKOFF_FIRST_MS;
	l->buf = xmalloc(READ_SIZE);
	return l;
}

static void hang_up(struct link *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	ctl_reader_free(l->reader);
	l->reader = NULL;
	str_truncate(&l->out, 0);
}

void link_free(struct link *l)
{
	if (!l)
		return;
	hang_up(l);
	str_clear(&l->out);
	free(l->path);
	free(l->buf);
	free(l);
}

static void plan_retry(struct link *l, int64_t now_ms, const char *why)
{
	hang_up(l);
	l->mirror->link = LINK_DOWN;
	view_set(&l->mirror->link_text, why);
	mirror_forget_pending(l->mirror);
	l->retry_at = now_ms + l->backoff;
	l->backoff = l->backoff * 2 > BACKOFF_MAX_MS ? BACKOFF_MAX_MS
						     : l->backoff * 2;
}

struct err *link_connect(struct link *l, int64_t now_ms)
{
	struct err *e = dial(l->path, &l->fd);

	if (e) {
		plan_retry(l, now_ms, "no node");
		return e;
	}
	l->reader = ctl_reader_new(CTL_MAX_FROM_NODE);
	l->mirror->link = LINK_CONNECTING;
	ctl_write_hello(&l->out, getpid());
	return NULL;
}

int link_fd(const struct link *l)
{
	return l->fd;
}

short link_events(const struct link *l)
{
	short events = l->out.len ? POLLOUT : 0;

	/* A frozen console reads nothing; the node then skips versions. */
	return l->mirror->frozen ? events : (short)(events | POLLIN);
}

int link_timeout(const struct link *l, int64_t now_ms)
{
	if (l->fd >= 0)
		return -1;
	return l->retry_at > now_ms ? (int)(l->retry_at - now_ms) : 0;
}

static struct err *on_hello(struct link *l, const struct ctl_frame *f)
{
	struct ctl_subscribe s = {CTL_ALL_SECTIONS, true, 0, true, -1};
	struct ctl_hello h;
	struct err *e = ctl_hello_decode(f, &h);

	if (!e && h.protocol != CTL_PROTOCOL)
		e = err_new(ERR_PROTOCOL, "node speaks protocol %lld, this "
			"console %d", (long long)h.protocol, CTL_PROTOCOL);
	if (!e) {
		/* Another process numbers its records anew. */
		if (h.pid != l->node_pid || l->renumbered)
			backlog_clear(&l->mirror->log);
		l->renumbered = false;
		if (h.pid == l->node_pid)
			s.trend_after = trend_end(&l->mirror->trend) - 1;
		l->node_pid = h.pid;
		s.log_after = l->mirror->log.last_seq;
		ctl_write_subscribe(&l->out, &s);
		l->mirror->link = LINK_UP;
		l->backoff = BACKOFF_FIRST_MS;
	}
	ctl_hello_clear(&h);
	return e;
}

static struct err *on_answer(struct link *l, const struct ctl_frame *f,
	struct str *message)
{
	struct ctl_answer a;
	struct err *e = ctl_answer_decode(f, &a);

	if (!e) {
		str_truncate(message, 0);
		mirror_answer(l->mirror, &a, message);
	}
	ctl_answer_clear(&a);
	return e;
}

/* Who comes after it numbers its records anew, be it with the same pid. */
static struct err *on_bye(struct link *l, const struct ctl_frame *f)
{
	struct err *e;
	char *reason;

	l->renumbered = true;
	e = ctl_bye_decode(f, &reason);
	if (!e)
		e = err_new(ERR_UNAVAILABLE, "%s",
			*reason ? reason : "the node said goodbye");
	free(reason);
	return e;
}

static struct err *on_frame(struct link *l, const struct ctl_frame *f,
	struct str *message)
{
	struct ctl_view v;
	struct err *e;

	switch (f->type) {
	case CTL_HELLO:
		return on_hello(l, f);
	case CTL_VIEW:
		e = ctl_view_decode(f, &v);
		if (!e)
			mirror_put_view(l->mirror, &v);
		return e;
	case CTL_LOG:
		return mirror_put_log(l->mirror, f);
	case CTL_TREND:
		return mirror_put_trend(l->mirror, f);
	case CTL_ANSWER:
		return on_answer(l, f, message);
	case CTL_BYE:
		return on_bye(l, f);
	case CTL_COMMAND:
	case CTL_SUBSCRIBE:
	case CTL_SECRET:
		break;
	}
	return err_new(ERR_PROTOCOL, "the node sent a console's frame");
}

static struct err *read_some(struct link *l, struct str *message)
{
	ssize_t n = recv(l->fd, l->buf, READ_SIZE, MSG_DONTWAIT);
	struct ctl_frame f;
	struct err *e;
	bool got;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return NULL;
	if (n < 0)
		return err_sys(errno, "console socket");
	if (!n)
		return err_new(ERR_UNAVAILABLE, "the node is gone");
	ctl_reader_feed(l->reader, l->buf, (size_t)n);
	while (!(e = ctl_reader_next(l->reader, &f, &got)) && got) {
		e = on_frame(l, &f, message);
		if (e)
			break;
	}
	return e;
}

static struct err *write_some(struct link *l)
{
	ssize_t n = send(l->fd, l->out.s, l->out.len,
		MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return NULL;
	if (n < 0)
		return err_sys(errno, "console socket");
	memmove(l->out.s, l->out.s + n, l->out.len - (size_t)n);
	secret_wipe(l->out.s + l->out.len - n, (size_t)n);
	str_truncate(&l->out, l->out.len - (size_t)n);
	return NULL;
}

bool link_step(struct link *l, short revents, int64_t now_ms,
	struct str *message)
{
	struct err *e = NULL;
	bool changed = false;

	if (l->fd < 0) {
		if (now_ms < l->retry_at)
			return false;
		e = link_connect(l, now_ms);
		changed = !e;
		err_free(e);
		return changed;
	}
	if (revents & (POLLIN | POLLHUP | POLLERR)) {
		e = read_some(l, message);
		changed = true;
	}
	if (!e && l->out.len)
		e = write_some(l);
	if (e) {
		plan_retry(l, now_ms, err_text(e));
		err_free(e);
		changed = true;
	}
	return changed;
}

bool link_send(struct link *l, const struct command *c, const char *line)
{
	if (l->mirror->link != LINK_UP)
		return false;
	ctl_write_command(&l->out, mirror_ask(l->mirror, line), c);
	return true;
}

bool link_send_secret(struct link *l, uint64_t number, const char *text)
{
	if (l->mirror->link != LINK_UP)
		return false;
	/* No copy stays behind where it would have to grow. */
	str_reserve(&l->out, CTL_HEADER + 2 * sizeof(number) + CTL_SECRET_MAX + 1);
	ctl_write_secret(&l->out, mirror_ask(l->mirror, "the password"), number, text);
	return true;
}
