namespace Perk.Faults.Fuzzing;

/// <summary>What a reader accepted cannot be used.</summary>
/// <param name="message">For what, and why not.</param>
/// <param name="inner">What came of the attempt.</param>
internal sealed class UnusableException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Does something with what was accepted, where any exception is one too many.</summary>
    /// <param name="what">What is done.</param>
    /// <param name="use">Does it.</param>
    public static T Unless<T>(string what, Func<T> use)
    {
        try
        {
            return use();
        }
        catch (Exception e) when (e is not UnusableException)
        {
            throw new UnusableException($"{what} fails: {e.GetType().Name}: {e.Message}", e);
        }
    }

    /// <summary>Asks for something that users of what was accepted rely on.</summary>
    public static void Require(bool holds, string otherwise)
    {
        if (!holds) throw new UnusableException(otherwise);
    }
}
