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
            if (settings.RequiresToken && !(await request.HttpContext.AuthenticateAsync(JwtBearerDefaults.AuthenticationScheme)).Succeeded)
            {
                request.HttpContext.Response.Headers.WWWAuthenticate = "Bearer";
                return Problem(request, 401, "A bearer token of the tenant that this app is set to, for its audience, is needed.");
            }

            return await answer();
        }
        catch (HttpProblemException e)
        {
            return Problem(request, e.Status, e.Message);
        }
        catch (BadHttpRequestException e)
        {
            return Problem(request, e.StatusCode, e.Message);
        }
        catch (Exception e) when (e is ArgumentException or MessageFormatException)
        {
            return Problem(request, 400, e is ArgumentException { ParamName: { } name } ? e.Message.Split($" (Parameter '{name}')")[0] : e.Message);
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
        catch (OperationCanceledException)
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

    private static IResult Later(HttpRequest request, int status, string detail)
    {
        request.HttpContext.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return Problem(request, status, detail);
    }

    private static IResult Problem(HttpRequest request, int status, string detail) => Results.Problem(detail, request.Path, status);
}
