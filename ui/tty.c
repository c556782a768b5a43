#include "ui/tty.h"

#include "src/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define SEQUENCE_MS 40	     /* for the rest of a sequence, on a near line */
#define SEQUENCE_FAR_MS 120

/* What the shell shares, O_NONBLOCK among it, is not for us to change. */
static int open_own(void)
{
	const char *name = ttyname(STDIN_FILENO);
	int fd = name ? open(name, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
		      : -1;

	if (fd < 0) /* after su(1) the name may be another's */
		fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK |
			O_CLOEXEC);
	return fd;
}

bool tty_open(struct tty *t, bool asks)
{
	*t = (struct tty){.fd = open_own()};
	if (t->fd < 0 || tcgetattr(t->fd, &t->modes)) {
		if (t->fd >= 0)
			close(t->fd);
		return false;
	}
	tty_raw(t);
	pace_init(&t->pace, asks, clock_mono_ms());
	tty_send(t, "", 0);
	return true;
}

void tty_close(struct tty *t)
{
	tty_cooked(t);
	close(t->fd);
	str_clear(&t->out);
}

void tty_raw(const struct tty *t)
{
	struct termios raw = t->modes;

	cfmakeraw(&raw);
	tcsetattr(t->fd, TCSANOW, &raw);
}

void tty_cooked(const struct tty *t)
{
	tcsetattr(t->fd, TCSANOW, &t->modes);
}

static void push_out(struct tty *t)
{
	while (t->out.len && !t->lost) {
		ssize_t n = write(t->fd, t->out.s, t->out.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			t->lost = errno != EAGAIN;
			return;
		}
		memmove(t->out.s, t->out.s + n, t->out.len - (size_t)n);
		str_truncate(&t->out, t->out.len - (size_t)n);
	}
}

size_t tty_room(const struct tty *t)
{
	return t->out.len ? 0 : pace_room(&t->pace);
}

void tty_send(struct tty *t, const char *bytes, size_t n)
{
	bool asks = pace_asks(&t->pace);

	str_addn(&t->out, bytes, n);
	if (asks)
		str_add(&t->out, PACE_QUESTION);
	pace_sent(&t->pace, n + (asks ? strlen(PACE_QUESTION) : 0),
		clock_mono_ms());
	push_out(t);
}

void tty_step(struct tty *t)
{
	ssize_t n;

	push_out(t);
	pace_tick(&t->pace, clock_mono_ms());
	if (t->in_at < t->in_n || t->lost)
		return;
	n = read(t->fd, t->in, sizeof(t->in));
	t->in_at = 0;
	t->in_n = n > 0 ? (size_t)n : 0;
	if (!n || (n < 0 && errno != EAGAIN && errno != EINTR))
		t->lost = true;
}

static int sequence_ms(const struct tty *t)
{
	return t->pace.rtt > SEQUENCE_FAR_MS ? SEQUENCE_FAR_MS : SEQUENCE_MS;
}

int tty_key(struct tty *t)
{
	int64_t now = clock_mono_ms();
	int key = t->key, out[KEYSEQ_OUT];

	t->key = K_NONE;
	if (key != K_NONE)
		return key;
	while (t->in_at < t->in_n) {
		size_t n = keyseq_feed(&t->seq, t->in[t->in_at++], out);

		t->begun = now;
		if (n == 2)
			t->key = out[1];
		if (n && out[0] == K_ANSWER)
			pace_answered(&t->pace, now);
		else if (n)
			return out[0];
	}
	if (keyseq_is_begun(&t->seq) && now - t->begun >= sequence_ms(t))
		return keyseq_expire(&t->seq);
	return K_NONE;
}

int tty_timeout(const struct tty *t)
{
	int64_t now = clock_mono_ms(), next = pace_next(&t->pace, now);

	if (t->in_at < t->in_n || t->key != K_NONE)
		return 0;
	if (keyseq_is_begun(&t->seq) && t->begun + sequence_ms(t) < next)
		next = t->begun + sequence_ms(t);
	if (next == INT64_MAX)
		return -1;
	return next <= now ? 0 : next - now > INT32_MAX ? INT32_MAX
		: (int)(next - now);
}

void tty_settle(struct tty *t, int limit_ms)
{
	int64_t end = clock_mono_ms() + limit_ms, left;

	while (!t->lost && (t->out.len || t->pace.pieces) &&
		(left = end - clock_mono_ms()) > 0) {
		short out = t->out.len ? POLLOUT : 0;
		struct pollfd p = {t->fd, (short)(POLLIN | out), 0};
		int wait = tty_timeout(t);

		poll(&p, 1, wait >= 0 && wait < left ? wait : (int)left);
		if (p.revents & (POLLHUP | POLLERR | POLLNVAL))
			t->lost = true;
		tty_step(t);
		while (tty_key(t) != K_NONE)
			;
	}
}
