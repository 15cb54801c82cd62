using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Perk.Core.Http;

/// <summary>Reads bodies of requests, no further than is allowed.</summary>
internal static class HttpBody
{
    private const int LongestJson = 1 << 20;

    /// <summary>The whole body.</summary>
    /// <exception cref="HttpProblemException">It is empty or too long.</exception>
    public static async Task<byte[]> ReadAsync(HttpRequest request, int most, string remedy, CancellationToken cancel)
    {
        if (request.ContentLength > most) throw TooLong();
        using var content = new MemoryStream();
        var buffer = new byte[81920];
        for (int read; (read = await request.Body.ReadAsync(buffer, cancel)) > 0;)
        {
            if (content.Length + read > most) throw TooLong();
            content.Write(buffer, 0, read);
        }

        return content.Length > 0 ? content.ToArray() : throw new HttpProblemException(400, $"The request has no body. {remedy}");

        HttpProblemException TooLong() => new(413, $"The body is longer than {most:N0} bytes. {remedy}");
    }

    /// <summary>The body as JSON.</summary>
    /// <exception cref="HttpProblemException">It is not of that form; the text names what is wrong.</exception>
    public static async Task<T> ReadAsync<T>(HttpRequest request, CancellationToken cancel, int most = LongestJson)
        where T : class
    {
        var body = await ReadAsync(request, most, "Send a JSON object, as openapi.json describes it.", cancel);
        try
        {
            return JsonSerializer.Deserialize<T>(body, Strict) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            var where = e.Path is { Length: > 0 } path ? $" at {path}" : "";
            throw new HttpProblemException(400, $"The body is not the JSON object that is expected here{where}: {Excerpt.OfSentence(e.Message)}");
        }
    }

    /// <summary>A misspelt member would otherwise be left out in silence.</summary>
    private static JsonSerializerOptions Strict { get; } = new(Json.Strict) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow };
}
