using System.Runtime.InteropServices;

namespace Perk.Core.Tensors;

/// <summary>
/// Keeps glibc's memory from growing while a host makes one adapter after the other. Tensors are made on one thread of the pool and freed on another; each thread has
/// an arena of its own, with holes that no other can use and that are not given back (docs/experiments.md, 2026-11-26).
/// </summary>
internal static class MallocArenas
{
    private const int ArenaMax = -8; // M_ARENA_MAX of malloc.h
    private const int JobsBetweenTrims = 32;
    private static int _jobs;

    /// <summary>One arena for all threads that have none yet; nothing where the C library is another.</summary>
    public static void UseOne() => IfGlibc(() => Mallopt(ArenaMax, 1));

    /// <summary>To be called after each job: after some of them the holes are given back to the system.</summary>
    public static void JobDone()
    {
        if (Interlocked.Increment(ref _jobs) % JobsBetweenTrims == 0) IfGlibc(() => MallocTrim(0));
    }

    private static void IfGlibc(Func<int> act)
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            act();
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // musl has neither the functions nor the arenas.
        }
    }

    [DllImport("libc.so.6", EntryPoint = "mallopt")]
    private static extern int Mallopt(int parameter, int value);

    [DllImport("libc.so.6", EntryPoint = "malloc_trim")]
    private static extern int MallocTrim(nuint pad);
}
