#ifndef TESTS_UNIT_FAKE_HTTP_H
#define TESTS_UNIT_FAKE_HTTP_H
/* An HTTP server for tests of what asks one: it says what a function of the
 * test makes up, or misbehaves as told. One thread, connections kept open. */
#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/str.h"

#define FAKE_CONNS 8

enum fake_way {
	FAKE_ANSWER,
	FAKE_HANG,  /* says nothing until the client goes */
	FAKE_CLOSE, /* hangs up instead of answering */
	FAKE_CUT,   /* promises the whole body, hangs up after half of it */
	FAKE_DRIP,  /* a byte every few ms, for ever */
	FAKE_FLOOD, /* 1 GiB */
};

struct fake_answer {
	enum fake_way way;
	int status;	    /* 0: 200 */
	const char *header; /* "Name: value\r\n" lines, or NULL */
	struct str body;    /* freed by the fake */
};

struct fake_http {
	/* Runs on the fake's thread. */
	void (*answer)(struct fake_http *f, const char *head, const char *body,
		struct fake_answer *out);
	void *ctx;
	atomic_uint requests, conns, meetings;
	atomic_bool stop;
	int listener, wake[2];
	struct fake_conn {
		int fd; /* -1 free */
		struct str in;
		bool hung, dripping;
	} conn[FAKE_CONNS];
	pthread_t thread;
	char url[64];
};

/* Between what the test wrote and what answer() reads, and back: the sockets
 * keep them apart already, but the thread sanitizer can't see that. */
static void fake_meet(struct fake_http *f)
{
	atomic_fetch_add(&f->meetings, 1);
}

static void fake_drop(struct fake_conn *c)
{
	close(c->fd);
	c->fd = -1;
	c->hung = c->dripping = false;
	str_clear(&c->in);
}

static bool fake_send(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n) {
		ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		at += sent;
		n -= (size_t)sent;
	}
	return true;
}

static void fake_flood(int fd)
{
	static const char zeros[1 << 16];

	for (size_t sent = 0; sent < (1u << 30); sent += sizeof(zeros)) {
		if (!fake_send(fd, zeros, sizeof(zeros)))
			return;
	}
}

static void fake_say(struct fake_http *f, struct fake_conn *c, const char *body)
{
	struct fake_answer a = { .way = FAKE_ANSWER };
	struct str head = STR_INIT;

	atomic_fetch_add(&f->requests, 1);
	fake_meet(f);
	f->answer(f, c->in.s, body, &a);
	fake_meet(f);
	str_printf(&head, "HTTP/1.1 %d X\r\n%sContent-Length: %zu\r\n\r\n",
		a.status ? a.status : 200, a.header ? a.header : "",
		a.way == FAKE_FLOOD || a.way == FAKE_DRIP ? (size_t)1 << 30 :
		a.body.len);
	if (a.way == FAKE_HANG) {
		c->hung = true;
	} else if (a.way == FAKE_CLOSE) {
		fake_drop(c);
	} else if (!fake_send(c->fd, head.s, head.len)) {
		fake_drop(c);
	} else if (a.way == FAKE_FLOOD) {
		fake_flood(c->fd);
		fake_drop(c);
	} else if (a.way == FAKE_DRIP) {
		c->dripping = true;
	} else if (a.way == FAKE_CUT) {
		fake_send(c->fd, a.body.s, a.body.len / 2);
		fake_drop(c);
	} else if (!fake_send(c->fd, str_cstr(&a.body), a.body.len)) {
		fake_drop(c);
	}
	str_clear(&a.body);
	str_clear(&head);
}

/* Whole requests in c->in. */
static void fake_serve(struct fake_http *f, struct fake_conn *c)
{
	for (;;) {
		char *end = c->in.s ? strstr(c->in.s, "\r\n\r\n") : NULL;
		char *length = c->in.s ?
			strcasestr(c->in.s, "Content-Length:") : NULL;
		size_t n, whole;
		char *body;

		if (!end || !length || length > end)
			return;
		n = strtoul(length + 15, NULL, 10);
		whole = (size_t)(end + 4 - c->in.s) + n;
		if (c->in.len < whole)
			return;
		body = strndup(end + 4, n);
		end[2] = '\0';
		fake_say(f, c, body);
		free(body);
		if (c->fd < 0)
			return;
		memmove(c->in.s, c->in.s + whole, c->in.len - whole);
		str_truncate(&c->in, c->in.len - whole);
	}
}

static void fake_read(struct fake_http *f, struct fake_conn *c)
{
	char buf[65536];
	ssize_t n = recv(c->fd, buf, sizeof(buf), 0);

	if (n <= 0) {
		fake_drop(c);
		return;
	}
	str_addn(&c->in, buf, (size_t)n);
	if (!c->hung && !c->dripping)
		fake_serve(f, c);
}

static void fake_accept(struct fake_http *f)
{
	for (size_t i = 0; i < FAKE_CONNS; i++) {
		if (f->conn[i].fd >= 0)
			continue;
		f->conn[i].fd = accept(f->listener, NULL, NULL);
		setsockopt(f->conn[i].fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 },
			sizeof(int));
		atomic_fetch_add(&f->conns, 1);
		return;
	}
	assert(!"more connections than a test makes");
}

static void *fake_run(void *arg)
{
	struct fake_http *f = arg;

	while (!atomic_load(&f->stop)) {
		struct pollfd fds[FAKE_CONNS + 2] = {
			{ f->listener, POLLIN, 0 }, { f->wake[0], POLLIN, 0 } };
		bool dripping = false;

		for (size_t i = 0; i < FAKE_CONNS; i++) {
			fds[i + 2] = (struct pollfd){ f->conn[i].fd, POLLIN, 0 };
			dripping |= f->conn[i].dripping;
		}
		poll(fds, FAKE_CONNS + 2, dripping ? 20 : -1);
		for (size_t i = 0; i < FAKE_CONNS; i++) {
			struct fake_conn *c = &f->conn[i];

			if (c->fd >= 0 && fds[i + 2].revents)
				fake_read(f, c);
			if (c->fd >= 0 && c->dripping &&
				!fake_send(c->fd, " ", 1))
				fake_drop(c);
		}
		if (fds[0].revents)
			fake_accept(f);
	}
	return NULL;
}

static void fake_http_start(struct fake_http *f)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);

	for (size_t i = 0; i < FAKE_CONNS; i++)
		f->conn[i].fd = -1;
	f->listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(f->listener, (struct sockaddr *)&a, n) ||
		listen(f->listener, 8) || pipe(f->wake) ||
		getsockname(f->listener, (struct sockaddr *)&a, &n))
		abort();
	snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%u",
		ntohs(a.sin_port));
	if (pthread_create(&f->thread, NULL, fake_run, f))
		abort();
}

static void fake_http_stop(struct fake_http *f)
{
	atomic_store(&f->stop, true);
	if (write(f->wake[1], "x", 1) != 1)
		abort();
	pthread_join(f->thread, NULL);
	for (size_t i = 0; i < FAKE_CONNS; i++)
		if (f->conn[i].fd >= 0)
			fake_drop(&f->conn[i]);
	close(f->listener);
	close(f->wake[0]);
	close(f->wake[1]);
}
#endif
