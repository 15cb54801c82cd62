using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Perk.Core.Tasks;

/// <summary>Random numbers of a task, the same on any machine.</summary>
/// <remarks>
/// The runtime keeps the sequence of a seeded <see cref="Random"/> for compatibility; a test holds a hash of what tasks make of it.
/// Tasks use its integers and its doubles with + − × ÷ only: <c>Math.Exp</c> and its kin may differ in the last bit.
/// </remarks>
internal static class TaskRandom
{
    /// <summary>The numbers for one draw, independent of those for any other.</summary>
    /// <param name="task">The task's name.</param>
    /// <param name="split">Its split.</param>
    /// <param name="seed">The seed that the user gave.</param>
    /// <param name="index">The draw.</param>
    internal static Random For(string task, TaskSplit split, long seed, int index)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{task}/{split}/{seed}/{index}")));
        return new Random(BinaryPrimitives.ReadInt32LittleEndian(hash));
    }

    /// <summary>One of a list.</summary>
    internal static T Pick<T>(this Random random, IReadOnlyList<T> items) => items[random.Next(items.Count)];

    /// <summary>Several different ones of a list, in random order.</summary>
    /// <exception cref="ArgumentException">The list has fewer.</exception>
    internal static List<T> PickDistinct<T>(this Random random, IReadOnlyList<T> items, int count)
    {
        if (count > items.Count) throw new ArgumentException($"{count} different ones were asked for, but there are {items.Count}.", nameof(count));
        var left = items.ToList();
        for (var i = 0; i < count; i++)
        {
            var j = random.Next(i, left.Count);
            (left[i], left[j]) = (left[j], left[i]);
        }

        left.RemoveRange(count, left.Count - count);
        return left;
    }
}
