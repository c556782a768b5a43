#include "src/eth/key_lock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct key_lock {
	int fd;
};

static socklen_t name_of(struct sockaddr_un *sa, struct eth_addr account)
{
	struct str name = STR_INIT;
	socklen_t n;

	*sa = (struct sockaddr_un){ .sun_family = AF_UNIX };
	str_add(&name, "weir-key-");
	addr_fmt(&name, account);
	memcpy(sa->sun_path + 1, name.s, name.len); /* abstract: NUL first */
	n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + name.len);
	str_clear(&name);
	return n;
}

/* Who holds it: the kernel tells of the peer of a connection. 0: cannot tell. */
static pid_t holder(const struct sockaddr_un *sa, socklen_t n)
{
	struct ucred who = { 0 };
	socklen_t size = sizeof(who);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return 0;
	if (connect(fd, (const struct sockaddr *)sa, n) != 0 ||
		getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0)
		who.pid = 0;
	close(fd);
	return who.pid;
}

static struct err *refused(int why, struct eth_addr account,
	const struct sockaddr_un *sa, socklen_t n)
{
	struct str name = STR_INIT;
	struct err *e;

	addr_fmt(&name, account);
	if (why != EADDRINUSE)
		e = err_sys(why, "lock of account %s", name.s);
	else
		e = err_new(ERR_BUSY, "another node of this machine uses account %s "
			"(pid %d); two with one key would take each other's nonces "
			"and spend deposits twice: stop it, or use another account",
			name.s, (int)holder(sa, n));
	str_clear(&name);
	return e;
}

struct err *key_lock_take(struct eth_addr account, struct key_lock **out)
{
	struct sockaddr_un sa;
	socklen_t n = name_of(&sa, account);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct err *e;

	*out = NULL;
	if (fd < 0)
		return err_sys(errno, "lock of an account");
	/* Listening, so that whoever is refused can ask who we are; nobody is
	 * ever accepted. */
	if (bind(fd, (const struct sockaddr *)&sa, n) != 0 || listen(fd, 1) != 0) {
		e = refused(errno, account, &sa, n);
		close(fd);
		return e;
	}
	*out = XNEW(struct key_lock);
	(*out)->fd = fd;
	return NULL;
}

void key_lock_release(struct key_lock *l)
{
	if (!l)
		return;
	close(l->fd);
	free(l);
}
