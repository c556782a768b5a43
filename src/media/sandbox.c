#include "src/media/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define OPEN_FILES 64
#define FILE_BYTES ((rlim_t)4 << 30) /* memfds count as files */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

/* What FFmpeg, x264, x265 and glibc do on memory, threads and our socket. */
static const int allowed[] = {
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev),
	SCMP_SYS(pread64), SCMP_SYS(lseek), SCMP_SYS(close), SCMP_SYS(dup),
	SCMP_SYS(fstat), SCMP_SYS(ftruncate), SCMP_SYS(memfd_create),
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk),
	SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq),
	SCMP_SYS(set_tid_address), SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(getcpu),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall),
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres),
	SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep),
	SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom),
	SCMP_SYS(getrusage), SCMP_SYS(getpid), SCMP_SYS(gettid),
	SCMP_SYS(sysinfo), SCMP_SYS(uname), SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

/* Tried by libraries, refused without harm. */
static const int refused[] = {
	SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
	SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(statx), SCMP_SYS(statfs),
	SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getcwd),
	SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(rename),
	SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(rmdir),
	SCMP_SYS(ioctl), SCMP_SYS(mlock), SCMP_SYS(mlock2),
	SCMP_SYS(set_mempolicy), SCMP_SYS(get_mempolicy), SCMP_SYS(mbind),
	SCMP_SYS(setpriority), SCMP_SYS(getpriority),
	SCMP_SYS(sched_setscheduler), SCMP_SYS(sched_setaffinity),
	SCMP_SYS(sched_getparam), SCMP_SYS(sched_getscheduler),
	SCMP_SYS(prlimit64), SCMP_SYS(getdents64), SCMP_SYS(getuid),
	SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid),
};

/* What even a GPU's driver or a sanitizer has no business with. */
static const int deadly[] = {
	SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork),
	SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen),
	SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(mount),
	SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(chroot),
	SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(bpf),
	SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
	SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(init_module),
	SCMP_SYS(finit_module), SCMP_SYS(kexec_load), SCMP_SYS(reboot),
};

/* --- opening /proc/self/fd/N --- */

static int duplicate(const char *path)
{
	static const char prefix[] = "/proc/self/fd/";
	int fd = 0;

	if (!path || strncmp(path, prefix, sizeof(prefix) - 1))
		return -EACCES;
	path += sizeof(prefix) - 1;
	if (!*path)
		return -EACCES;
	for (; *path; path++) {
		if (*path < '0' || *path > '9' || fd > OPEN_FILES)
			return -EACCES;
		fd = fd * 10 + *path - '0';
	}
	fd = dup(fd);
	return fd < 0 ? -errno : fd;
}

/* The kernel stopped an open(): this is its answer. */
static void on_sigsys(int sig, siginfo_t *info, void *context)
{
	ucontext_t *u = context;
	int saved = errno;

	(void)sig;
#if defined(__x86_64__)
	greg_t *g = u->uc_mcontext.gregs;
	bool at = info->si_syscall == SYS_openat;

	g[REG_RAX] = duplicate((const char *)g[at ? REG_RSI : REG_RDI]);
#elif defined(__aarch64__)
	unsigned long long *r = u->uc_mcontext.regs;

	(void)info;
	r[0] = (unsigned long long)duplicate((const char *)r[1]);
#else
#error "how does a signal handler set a system call's result here?"
#endif
	errno = saved;
}

static struct err *catch_opens(void)
{
	struct sigaction sa = {.sa_sigaction = on_sigsys,
		.sa_flags = SA_SIGINFO | SA_NODEFER};

	return sigaction(SIGSYS, &sa, NULL) ? err_sys(errno, "sigaction") :
					      NULL;
}

/* --- the filters; each adds rules and returns 0 or -errno --- */

static int add_all(scmp_filter_ctx f, uint32_t action, const int *calls,
	size_t n)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++)
		rc = seccomp_rule_add(f, action, calls[i], 0);
	return rc;
}

static int add_opens(scmp_filter_ctx f)
{
	int rc = seccomp_rule_add(f, SCMP_ACT_TRAP, SCMP_SYS(openat), 0);

#ifdef SYS_open
	if (!rc)
		rc = seccomp_rule_add(f, SCMP_ACT_TRAP, SCMP_SYS(open), 0);
#endif
	return rc;
}

static int add_memory(scmp_filter_ctx f)
{
	static const int calls[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)};
	int rc = 0;

	/* Nothing becomes executable. */
	for (size_t i = 0; !rc && i < ARRAY_SIZE(calls); i++) {
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, calls[i], 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
		if (!rc)
			rc = seccomp_rule_add(f, SCMP_ACT_ERRNO(EACCES),
				calls[i], 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC,
					PROT_EXEC));
	}
	return rc;
}

static int add_threads(scmp_filter_ctx f)
{
	const scmp_datum_t thread = CLONE_VM | CLONE_FS | CLONE_FILES |
		CLONE_SIGHAND | CLONE_THREAD;
	int rc;

	/* clone3's flags are out of a filter's sight; glibc then uses clone. */
	rc = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	if (!rc)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, thread, thread));
	if (!rc)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
			SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
	if (!rc)
		rc = seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM),
			SCMP_SYS(prctl), 1,
			SCMP_A0(SCMP_CMP_NE, PR_SET_NAME));
	/* abort() and raise(), on ourselves alone. */
	if (!rc)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
			SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
	if (!rc)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW,
			SCMP_SYS(rt_sigaction), 1,
			SCMP_A0(SCMP_CMP_NE, SIGSYS));
	return rc;
}

static int add_descriptors(scmp_filter_ctx f, int socket)
{
	static const int commands[] = {F_GETFD, F_SETFD, F_GETFL, F_ADD_SEALS,
		F_GET_SEALS};
	static const int calls[] = {SCMP_SYS(sendmsg), SCMP_SYS(recvmsg)};
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(commands); i++)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
			SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)commands[i]));
	for (size_t i = 0; !rc && i < ARRAY_SIZE(calls); i++)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, calls[i], 1,
			SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)socket));
	/* fstat() of a descriptor; with a path it is refused. */
	if (!rc)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat),
			1, SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH,
				   AT_EMPTY_PATH));
	if (!rc)
		rc = seccomp_rule_add(f, SCMP_ACT_ERRNO(EACCES),
			SCMP_SYS(newfstatat), 1,
			SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, 0));
	return rc;
}

static int fill_strict(scmp_filter_ctx f, int socket)
{
	int rc = add_all(f, SCMP_ACT_ALLOW, allowed, ARRAY_SIZE(allowed));

	if (!rc)
		rc = add_all(f, SCMP_ACT_ERRNO(EACCES), refused,
			ARRAY_SIZE(refused));
	if (!rc)
		rc = add_opens(f);
	if (!rc)
		rc = add_memory(f);
	if (!rc)
		rc = add_threads(f);
	if (!rc)
		rc = add_descriptors(f, socket);
	return rc;
}

static int fill_lax(scmp_filter_ctx f, bool gpu)
{
	int rc = add_all(f, SCMP_ACT_KILL_PROCESS, deadly, ARRAY_SIZE(deadly));

	if (!rc)
		rc = seccomp_rule_add(f, SCMP_ACT_KILL_PROCESS,
			SCMP_SYS(socket), 0);
	return rc || gpu ? rc : add_opens(f);
}

static struct err *set_limits(const struct sandbox_limits *l)
{
	const struct rlimit core = {0, 0};
	const struct rlimit files = {OPEN_FILES, OPEN_FILES};
	const struct rlimit bytes = {FILE_BYTES, FILE_BYTES};
	const struct rlimit memory = {l->memory, l->memory};

	if (setrlimit(RLIMIT_CORE, &core) || setrlimit(RLIMIT_FSIZE, &bytes))
		return err_sys(errno, "setrlimit");
	/* A GPU's driver opens many and maps its whole memory. */
	if (!l->gpu && setrlimit(RLIMIT_NOFILE, &files))
		return err_sys(errno, "setrlimit");
	if (!l->gpu && !SANITIZED && setrlimit(RLIMIT_AS, &memory))
		return err_sys(errno, "setrlimit");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return err_sys(errno, "prctl");
	return NULL;
}

struct err *sandbox_enter(const struct sandbox_limits *l)
{
	bool lax = l->gpu || SANITIZED;
	struct err *e = set_limits(l);
	scmp_filter_ctx f;
	int rc;

	if (!e)
		e = catch_opens();
	if (e)
		return e;
	f = seccomp_init(lax ? SCMP_ACT_ALLOW : SCMP_ACT_KILL_PROCESS);
	if (!f)
		return err_new(ERR_IO, "seccomp_init failed");
	/* A sanitizer has threads of its own by now. */
	rc = seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1);
	if (!rc)
		rc = lax ? fill_lax(f, l->gpu) : fill_strict(f, l->socket);
	if (!rc)
		rc = seccomp_load(f);
	seccomp_release(f);
	return rc ? err_sys(-rc, "seccomp") : NULL;
}
