using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Perk.Core.Documents;
using Perk.Core.Settings;
using Perk.Core.Storage;

namespace Perk.Core.Http;

/// <summary>Lets a request in, and turns what goes wrong into problem details (RFC 9457).</summary>
/// <param name="settings">Who may use the surface.</param>
/// <param name="logger">Told of what nobody expected.</param>
public sealed class HttpGuard(HttpSettings settings, ILogger logger)
{
    private const int RetryAfterSeconds = 5;

    /// <summary>Answers a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="answer">Answers it, once it may come in.</param>
    public async Task<IResult> AnswerAsync(HttpRequest request, Func<Task<IResult>> answer)
    {
        try
        {
            return await RefusalAsync(request) ?? await answer();
        }
        catch (HttpProblemException e)
        {
            return Problem(request, e.Status, e.Message);
        }
        catch (BadHttpRequestException e)
        {
            return Problem(request, e.StatusCode, e.Message);
        }
        catch (NameException e)
        {
            return Problem(request, 400, e.Message);
        }
        catch (DocumentException e)
        {
            return Problem(request, 422, e.Message);
        }
        catch (ObjectLeasedException e)
        {
            return Later(request, 409, e.Message);
        }
        catch (Exception e) when (e is ModelFileException or ModelUnavailableException or StorageUnavailableException || StorageFaults.Explain(e) is not null)
        {
            HttpLog.Unavailable(logger, request.Path, e);
            return Later(request, 503, e is ModelFileException or ModelUnavailableException ? "This host's model cannot be used; its log says why." : "The storage account cannot be used now; this host's log says why.");
        }
        catch (Exception e) when (e is OperationCanceledException || request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            // The client has gone, or the process stops; thrown on, the Functions worker would answer 200 with nothing.
            return Later(request, 503, "This host is stopping; ask again.");
        }
        catch (Exception e)
        {
            HttpLog.Unexpected(logger, request.Path, e);
            return Problem(request, 500, "Something went wrong that nobody expected; this host's log has it.");
        }
    }

    /// <summary>Why a request may not come in; null where it may.</summary>
    private async Task<IResult?> RefusalAsync(HttpRequest request)
    {
        if (!settings.RequiresToken) return null;
        AuthenticateResult result;
        try
        {
            result = await request.HttpContext.AuthenticateAsync(JwtBearerDefaults.AuthenticationScheme);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            HttpLog.Unavailable(logger, request.Path, e);
            return Later(request, 503, "Tokens cannot be checked now; this host's log says why.");
        }

        if (!result.Succeeded)
        {
            request.HttpContext.Response.Headers.WWWAuthenticate = "Bearer";
            return Problem(request, 401, "A bearer token of the tenant that this app is set to, for its audience, is needed.");
        }

        // Roles of an app or user, or scopes of a delegated token, the latter in one claim with spaces between.
        return settings.Role is not { } role || result.Principal.FindAll("roles").Select(c => c.Value).Concat(result.Principal.FindAll("scp").SelectMany(c => c.Value.Split(' '))).Contains(role, StringComparer.Ordinal)
            ? null
            : Problem(request, 403, $"The token lacks the role or scope that this app asks for.");
    }

    private static IResult Later(HttpRequest request, int status, string detail)
    {
        request.HttpContext.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return Problem(request, status, detail);
    }

    private static IResult Problem(HttpRequest request, int status, string detail) => Results.Problem(detail, request.Path, status);
}
