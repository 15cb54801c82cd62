namespace Perk.Core.Documents;

/// <summary>Does what needs memory with smaller and smaller micro-batches: a sum in other parts is the same sum up to rounding.</summary>
public static class MicroBatches
{
    private static readonly string[] Words = ["out of memory", "can't allocate memory", "not enough memory"];

    /// <summary>Tries with a number of segments at once, and where memory runs out with half as many.</summary>
    /// <param name="segments">Segments at once at first, 1 or more.</param>
    /// <param name="attempt">The work.</param>
    /// <exception cref="MemoryExhaustedException">There is too little for one segment at once.</exception>
    public static T Halving<T>(int segments, Func<int, T> attempt)
    {
        while (true)
        {
            try
            {
                return attempt(segments);
            }
            catch (Exception e) when (IsOutOfMemory(e))
            {
                if (segments == 1) throw new MemoryExhaustedException("The memory does not suffice for one segment at once; use shorter segments, or a machine with more memory.", e);
                segments /= 2;
            }
        }
    }

    /// <summary>Whether memory ran out, here or on an accelerator, where libtorch says it in words.</summary>
    private static bool IsOutOfMemory(Exception e) => e is OutOfMemoryException
        || (e is System.Runtime.InteropServices.ExternalException
            && Words.Any(words => e.Message.Contains(words, StringComparison.OrdinalIgnoreCase)));
}

/// <summary>There is not enough memory for the smallest micro-batch.</summary>
/// <param name="message">What would help.</param>
/// <param name="cause">What was thrown where it ran out.</param>
public sealed class MemoryExhaustedException(string message, Exception cause) : Exception(message, cause);
