namespace Perk.Core.Http;

/// <summary>A request that cannot be answered as asked.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="detail">What is wrong and what would be right.</param>
public sealed class HttpProblemException(int status, string detail) : Exception(detail)
{
    /// <summary>The HTTP status.</summary>
    public int Status => status;
}
